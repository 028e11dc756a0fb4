import { Command } from '@commander-js/extra-typings';
import { printableLines } from '@velo/retry-core';
import { completeCommand, completionCommand } from './commands/completion.js';
import { dltCommand } from './commands/dlt.js';
import { doctorCommand } from './commands/doctor.js';
import { explainCommand } from './commands/explain.js';
import { scheduleCommand } from './commands/schedule.js';
import { waitCommand } from './commands/wait.js';
import type { Context } from './context.js';
import type { Writer } from './terminal/writer.js';

/** The exit codes, for people who ask for help. */
const CODES = `
Exit codes:
  0    done, or so
  1    not so, or not all done; later it may be
  2    wrong usage: nothing was begun
  3    trying again will not help: a login, a certificate or a right is refused
  130  interrupted (SIGINT); 143 by SIGTERM`;

/** All of velo's commands. */
export function createProgram(context: Context, version: string): Command {
  const program: Command = new Command('velo')
    .description('Kafka retries that lose nothing: what a team needs of them in a terminal.')
    .version(version, '-V, --version', 'print the version')
    .addHelpText('after', CODES);
  const commands = [
    dltCommand,
    doctorCommand,
    waitCommand,
    explainCommand,
    scheduleCommand,
    completionCommand,
  ];
  for (const make of commands) program.addCommand(make(context) as unknown as Command);
  program.addCommand(completeCommand(context, program) as unknown as Command, { hidden: true });
  for (const command of allOf(program))
    command
      .exitOverride()
      .showHelpAfterError(`See ${nameOf(command)} --help.`)
      .configureOutput(outputOf(context));
  return program;
}

function allOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap((sub) => allOf(sub as unknown as Command))];
}

function nameOf(command: { name(): string; parent: { name(): string; parent: unknown } | null }): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent as never)} ${command.name()}`;
}

function outputOf({ out, err }: Context) {
  const to = (writer: Writer) => (text: string) => writer.write(printableLines(text));
  return {
    writeOut: to(out),
    writeErr: to(err),
    getOutHelpWidth: () => out.width,
    getErrHelpWidth: () => err.width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  };
}
