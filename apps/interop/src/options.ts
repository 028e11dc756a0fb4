import { Command, InvalidArgumentError } from '@commander-js/extra-typings';

/** What `java/` has sources for. */
const SPRING_MAJORS: readonly string[] = ['3', '4'];

export const DEFAULT_VERSIONS = { spring: ['4.1.2', '3.3.16'], connect: ['4.3.1'] } as const;

export interface CommandLine {
  readonly spring: readonly string[];
  readonly connect: readonly string[];
}

const EXAMPLES = `
Exit status:
  0    all is read and handled as it should be, or Java and Maven are missing and CI is not set
  1    something is not, or a round could not go on
  2    wrong arguments

Examples:
  npm run interop
  npm run interop -- --spring 4.1.2            one version of Spring Kafka
  npm run interop -- --spring none             Kafka Connect alone
`;

/**
 * Reads the arguments (without `node` and the script).
 *
 * @throws {CommanderError} after `--help` (exit code 0) and for wrong arguments
 */
export function parseOptions(args: readonly string[]): CommandLine {
  return command().parse(args, { from: 'user' }).opts();
}

function command() {
  const { spring, connect } = DEFAULT_VERSIONS;
  return new Command('npm run interop --')
    .description('Runs velo beside real Spring Kafka and Kafka Connect, both ways.')
    .usage('[options]')
    .option('--spring <versions>', `of Spring Kafka (default: ${spring})`, springVersions, [...spring])
    .option('--connect <versions>', `of Kafka Connect (default: ${connect})`, versions, [...connect])
    .helpOption('-h, --help', 'tell all')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help tells all)')
    .exitOverride();
}

/** `4.1.2,3.3.16`, or `none` */
function versions(text: string): string[] {
  if (text === 'none') return [];
  const list = text.split(',');
  if (list.every((version) => /^\d+\.\d+\.\d+$/.test(version))) return list;
  throw new InvalidArgumentError('It must be versions with commas between them, or none.');
}

function springVersions(text: string): string[] {
  const list = versions(text);
  if (list.every((version) => SPRING_MAJORS.includes(version.split('.')[0] as string))) return list;
  throw new InvalidArgumentError(`It must be of version ${SPRING_MAJORS.join(' or ')}.`);
}
