import type { Secrets } from './connection/secrets.js';
import type { ExitCode } from './exit-codes.js';
import type { Environment, Writer } from './terminal/writer.js';

/** What a command has of the world around it. */
export interface Context {
  /** What was asked for. */
  readonly out: Writer;
  /** What is told beside it: progress, warnings, errors. */
  readonly err: Writer;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Environment;
  /** Aborted by SIGINT and SIGTERM; its reason is a `CliError`. */
  readonly signal: AbortSignal;
  /** What must not be printed. */
  readonly secrets: Secrets;
  /** Set by the command that ran. */
  exitCode: ExitCode;
}
