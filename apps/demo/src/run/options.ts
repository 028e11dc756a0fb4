import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { CLIENT_NAMES, type ClientName } from '../cluster/clients.js';
import { DEFAULT_INPUT } from '../default-input.js';
import { printable } from '../format.js';

export interface DemoOptions {
  /** Absolute path of the NDJSON file. */
  readonly input: string;
  /** `host:port` of a real Kafka; `undefined` for the embedded broker. */
  readonly brokers: readonly string[] | undefined;
  readonly client: ClientName;
  /** Absolute path of the HTML report. */
  readonly report: string;
  /** Leaves the run's topics in a real Kafka. */
  readonly keepTopics: boolean;
  /** The same faults, shorter. */
  readonly quick: boolean;
  /** The port of `/metrics`, `/live` and `/ready`, 0 for any; `undefined`: nothing is served. */
  readonly watch: number | undefined;
}

/** What the process brings along, so that a test can say it instead. */
export interface OptionsContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

const EXAMPLES = `
What happens:
  The topic of the films is missing at first, a broker goes down and comes back, requests fail with
  leader changes, and the service that the films are enriched by is stopped for some seconds. velo
  waits, retries in place, retries through tiers, and dead-letters what can never pass. At the end the
  topics themselves are read back and every film is counted. It takes under a minute.

Exit status:
  0    every film is handled or dead-lettered
  1    a film is lost, or the run could not go on (the reason is printed)
  2    wrong arguments
  130  interrupted

Examples:
  npm start                                      the 3,201 films, on an embedded broker
  npm start -- --input my-films.ndjson           other records: {"Title": "…", "Release Date": "Jun 12 1998", …}
  npm start -- --brokers localhost:9092          a real Kafka; only the service fails then
  KAFKA_BROKERS=k1:9092,k2:9092 npm start        the same by environment
  npm start -- --watch 9464                      in another terminal: curl 127.0.0.1:9464/metrics
`;

/**
 * Reads the arguments (without `node` and the script).
 *
 * @throws {CommanderError} after `--help` (exit code 0) and for wrong arguments
 */
export function parseOptions(args: readonly string[], context: OptionsContext): DemoOptions {
  const options = command(context).parse(args, { from: 'user' }).opts();
  const brokers = options.brokers ?? brokersOfEnvironment(context);
  return {
    input: options.input === undefined ? DEFAULT_INPUT : resolveInput(options.input, context),
    brokers,
    client: options.client,
    report: resolve(context.cwd, options.report),
    keepTopics: options.keepTopics ?? false,
    quick: options.quick ?? false,
    watch: options.watch,
  };
}

function command(context: OptionsContext) {
  return new Command('npm start --')
    .description('velo, shown: thousands of dirty film records through real faults, with none lost.')
    .usage('[options]')
    .option('-i, --input <file>', 'NDJSON file, one film a line (default: the 3,201 films of vega-datasets)')
    .option(
      '-b, --brokers <host:port,...>',
      'a real Kafka instead of the embedded broker (or KAFKA_BROKERS)',
      parseBrokers,
    )
    .addOption(new Option('-c, --client <name>', 'Kafka client').choices(CLIENT_NAMES).default('kafkajs'))
    .option('-r, --report <file>', 'where the HTML report goes', 'reports/velo-demo.html')
    .option('-q, --quick', 'the same faults, shorter: about ten seconds')
    .option(
      '-w, --watch <port>',
      'serve /metrics for Prometheus, /live and /ready on 127.0.0.1 while it runs',
      parsePort,
    )
    .option('--keep-topics', "leave this run's topics in the real Kafka, to look at")
    .helpOption('-h, --help', 'tell all')
    .addHelpText('after', EXAMPLES)
    .allowExcessArguments(false)
    .showHelpAfterError('(--help tells all)')
    .exitOverride()
    .configureOutput({ writeOut: context.write, writeErr: context.writeError });
}

/** `KAFKA_BROKERS` is no argument, so its mistakes are told apart from theirs. */
function brokersOfEnvironment(context: OptionsContext): readonly string[] | undefined {
  const text = context.env.KAFKA_BROKERS?.trim();
  if (text === undefined || text === '') return undefined;
  try {
    return parseBrokers(text);
  } catch (error) {
    return command(context).error(`error: KAFKA_BROKERS: ${printable((error as Error).message)}`, {
      exitCode: 2,
    });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError(`"${text}" is no port, such as 9464; 0 takes any that is free.`);
}

function parseBrokers(text: string): readonly string[] {
  const brokers = text.split(',').map((part) => part.trim());
  for (const broker of brokers) {
    const port = Number(/^.+:(\d{1,5})$/.exec(broker)?.[1]);
    if (!(port >= 1 && port <= 65_535)) {
      throw new InvalidArgumentError(`"${broker}" is not HOST:PORT, such as localhost:9092.`);
    }
  }
  return brokers;
}

/** npm runs scripts in the package's folder and keeps the caller's in INIT_CWD: a relative path means the latter. */
function resolveInput(path: string, { cwd, env }: OptionsContext): string {
  const fromCwd = resolve(cwd, path);
  const caller = env.INIT_CWD;
  return existsSync(fromCwd) || caller === undefined ? fromCwd : resolve(caller, path);
}
