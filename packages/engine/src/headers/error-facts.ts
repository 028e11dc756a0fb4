import {
  foreignMessage,
  foreignText,
  printableLines,
  readProperty,
  readText,
  stripSecrets,
} from '@velo/retry-core';
import type { Failure } from '../failures/failure.js';
import { cut, MAX_CLASS, MAX_MESSAGE, MAX_STACK } from './bounds.js';
import type { ErrorFacts } from './profile.js';

/** Of a text that long, in UTF-16 units, secrets are looked for; what is beyond is dropped. */
const WINDOW = 8 * 1024;
/** A chain of causes may be a circle. */
const MAX_CAUSES = 4;

/** What a failure leaves in headers. Never throws. */
export function errorFacts(failure: Failure, stackTraces: boolean): ErrorFacts {
  const { error, name, code, category, stage } = failure;
  const cause = readProperty(error, 'cause');
  return {
    name: line(name, MAX_CLASS),
    cause: cause === undefined ? undefined : line(readText(cause, 'name') || typeof cause, MAX_CLASS),
    message:
      error === undefined
        ? line(failure.message, MAX_MESSAGE)
        : cut(foreignMessage(error, WINDOW), MAX_MESSAGE),
    stack: stackTraces ? stackOf(error) : undefined,
    code,
    category,
    stage,
  };
}

function line(text: string, limit: number): string {
  return cut(foreignText(text, WINDOW), limit);
}

/** With the causes, as Java prints them. */
function stackOf(error: unknown): string | undefined {
  const stacks: string[] = [];
  for (let at = error; stacks.length < MAX_CAUSES; at = readProperty(at, 'cause')) {
    const stack = readText(at, 'stack');
    if (stack === '') break;
    stacks.push(stack.slice(0, WINDOW));
  }
  if (stacks.length === 0) return undefined;
  const text = stripSecrets(stacks.join('\nCaused by: ').slice(0, WINDOW));
  return cut(printableLines(text), MAX_STACK);
}
