import { createInterface } from 'node:readline/promises';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';

/**
 * Whether somebody can be asked; where not, `--yes` is needed, and told before anything is begun.
 *
 * @param isInput the standard input holds what is to be read, and no answers
 * @throws {CliError}
 */
export function assertAnswerable({ stdin, err }: Context, yes: boolean, isInput = false): void {
  if (yes || (stdin.isTTY === true && err.live && !isInput)) return;
  throw new CliError(
    EXIT.usage,
    'This writes, and without a terminal nobody can be asked whether it shall. Nothing was begun. Pass --yes.',
  );
}

/** Asks before something that reaches far. @param what will be done, in one line @throws {CliError} if the answer is no */
export async function confirm({ stdin, err, signal }: Context, what: string): Promise<void> {
  const questions = createInterface({ input: stdin, output: process.stderr, terminal: true });
  try {
    err.line(what);
    const closed = new Promise<string>((resolve) => {
      // A terminal in raw mode sends no signals by itself.
      questions.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      questions.once('close', () => resolve(''));
    });
    const answer = await Promise.race([questions.question('Go on? [y/N] ', { signal }), closed]);
    if (!/^y(es)?$/i.test(answer.trim()))
      throw new CliError(EXIT.failed, 'Nothing was done, as the answer was no.');
  } finally {
    questions.close();
  }
}
