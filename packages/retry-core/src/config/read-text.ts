import { parseDuration } from '../durations/parse-duration.js';
import type { RetryStrategy } from '../strategies/strategy.js';

/** Reads one setting from whatever was given; `undefined` for a bad value, never a throw. */
export type Reader<T> = (value: unknown) => T | undefined;

/** The strategies that text can name. */
export type StrategyName = 'exponential' | 'fixed' | 'linear';

/** A decimal number, without sign or exponent. Anchored and without nested repeats: linear in the text's length. */
const DECIMAL = /^\d+(?:\.\d+)?$/;

const STRATEGIES: Readonly<Record<string, StrategyName>> = {
  exponential: 'exponential',
  exp: 'exponential',
  fixed: 'fixed',
  linear: 'linear',
};

/** Milliseconds from a number of milliseconds, or from a text as `parseDuration` reads it. */
export const readDuration: Reader<number> = (value) => {
  if (typeof value === 'string') return parseDuration(value);
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
};

/** Milliseconds from a text that is a number of seconds, without a unit. */
export const readSeconds: Reader<number> = (value) =>
  readNumber(0, Infinity)(value) === undefined ? undefined : parseDuration(String(value));

/** A number within limits, from a number or a decimal text. */
export function readNumber(min: number, max: number, whole = false): Reader<number> {
  return (value) => {
    const number = typeof value === 'string' && DECIMAL.test(value.trim()) ? Number(value) : value;
    return typeof number === 'number' &&
      number >= min &&
      number <= max &&
      (!whole || Number.isInteger(number))
      ? number
      : undefined;
  };
}

/** A strategy by its name, in any case; an object that has a `delay` is taken as it is. */
export const readStrategy: Reader<StrategyName | RetryStrategy> = (value) => {
  if (typeof value === 'string') {
    const name = value.trim().toLowerCase();
    return Object.hasOwn(STRATEGIES, name) ? STRATEGIES[name] : undefined;
  }
  return typeof (value as RetryStrategy | null)?.delay === 'function' ? (value as RetryStrategy) : undefined;
};
