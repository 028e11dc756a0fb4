import type { ExitCode } from './exit-codes.js';

/** An end that people are told of in these words, and shells by this code. */
export class CliError extends Error {
  override readonly name = 'CliError';

  constructor(
    readonly exitCode: ExitCode,
    /** What happened, what it means, what to do. Never holds a secret. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
