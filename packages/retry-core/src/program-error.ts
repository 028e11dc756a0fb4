import { readProperty, readText } from './errors/safe-read.js';

const NAMES: readonly string[] = ['SyntaxError', 'ReferenceError', 'RangeError'];

/**
 * Whether an error is of the program and not of what it calls, so that the same input fails again: a SyntaxError,
 * ReferenceError or RangeError, or a TypeError without a cause (`fetch` gives it one when the network fails). Never
 * throws.
 */
export function isProgramError(error: unknown): boolean {
  const name = readText(error, 'name');
  return NAMES.includes(name) || (name === 'TypeError' && readProperty(error, 'cause') === undefined);
}
