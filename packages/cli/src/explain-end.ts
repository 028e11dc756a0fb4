import { CommanderError } from '@commander-js/extra-typings';
import {
  classifyKafkaError,
  type ExplainContext,
  explainKafkaError,
  foreignMessage,
  isVeloError,
  printableLines,
  type VeloError,
} from '@velo/retry-core';
import { CliError } from './cli-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';

export interface End {
  readonly exitCode: ExitCode;
  /** For people; empty where all was said. */
  readonly text: string;
}

/** Codes of velo's errors that say what became of a wait, and nothing of the brokers. */
const LATER: readonly string[] = ['VELO_TOPIC_MISSING', 'VELO_TIMEOUT', 'VELO_ABORTED', 'VELO_CLOSED'];
const RETRIED: readonly string[] = ['VELO_RETRIES_EXHAUSTED', 'VELO_TIMEOUT'];
const OF_THE_USER: readonly string[] = ['VELO_INVALID_OPTION'];

/** How a command has ended that threw. Takes any value. */
export function explainEnd(error: unknown, known?: ExplainContext): End {
  // Commander has told what is wrong; it ends by an error where help was asked for, too.
  if (error instanceof CommanderError)
    return { exitCode: error.exitCode === 0 ? EXIT.done : EXIT.usage, text: '' };
  const own = cliErrorIn(error);
  if (own !== undefined) return { exitCode: own.exitCode, text: printableLines(own.message) };
  if (isVeloError(error)) return { exitCode: exitCodeOf(error), text: printableLines(textOf(error, known)) };
  if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
    return {
      exitCode: EXIT.failed,
      text: `velo has failed within itself: ${foreignMessage(error)}. --debug shows where.`,
    };
  return { exitCode: exitCodeOf(error), text: explainKafkaError(error, known) };
}

/** Retries that have ended say how many; what to do about the last failure is said by its explanation. */
function textOf(error: VeloError, known: ExplainContext | undefined): string {
  const { message, cause } = error;
  if (!RETRIED.includes(error.code) || cause === undefined || message.includes('\n')) return message;
  return `${message}\n${explainKafkaError(cause, known)}`;
}

/** kafkajs wraps what a provider of tokens throws. */
function cliErrorIn(error: unknown): CliError | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++)
    if (at instanceof CliError) return at;
  return undefined;
}

function exitCodeOf(error: unknown): ExitCode {
  if (isVeloError(error)) {
    if (OF_THE_USER.includes(error.code)) return EXIT.usage;
    if (LATER.includes(error.code)) return EXIT.failed;
  }
  const { category, retry } = classifyKafkaError(error);
  const needsAPerson = category === 'AuthenticationIssue' || category === 'ConfigurationIssue';
  return needsAPerson && !retry ? EXIT.hopeless : EXIT.failed;
}
