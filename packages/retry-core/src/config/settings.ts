import type { Duration } from '../durations/duration.js';
import { formatDuration } from '../durations/format-duration.js';
import type { RetryStrategy } from '../strategies/strategy.js';
import { show } from '../velo-error.js';
import {
  type Reader,
  readDuration,
  readNumber,
  readSeconds,
  readStrategy,
  type StrategyName,
} from './read-text.js';

/** Environment variables or properties: names and texts. */
export type TextMap = Readonly<Record<string, string | undefined>>;

/** Options given in code; they go before properties and environment. */
export interface RetryOverrides {
  /** @default 'exponential' */
  readonly strategy?: StrategyName | 'exp' | RetryStrategy;
  /** The wait before the first retry. @default 2 s */
  readonly interval?: Duration;
  /** Of the exponential strategy, 1 or more. @default 1.5 */
  readonly multiplier?: number;
  /** The longest wait; not below the interval. @default 2 minutes */
  readonly maxDelay?: Duration;
  /** Of the linear strategy. @default the interval */
  readonly increment?: Duration;
  /** How long to wait for a missing topic. @default 0: do not wait */
  readonly waitTimeout?: Duration;
  /** Of new topics: 1 to 2^31-1. @default 6 */
  readonly partitions?: number;
  /** Of new topics: 1 to 32767. @default 3 */
  readonly replicationFactor?: number;
}

/** All settings, read; times in milliseconds. */
export interface RetrySettings {
  readonly strategy: StrategyName | RetryStrategy;
  readonly interval: number;
  readonly multiplier: number;
  readonly maxDelay: number;
  readonly increment: number;
  readonly waitTimeout: number;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** A value that could not be used. */
export interface Fault {
  /** Names the setting, the value and what it must be. */
  readonly text: string;
  /** What is used instead, for people. */
  readonly used: string;
}

/** One place where a setting may stand, and how it is read there. */
type Source<T> = readonly [name: string, value: unknown, read: Reader<T>];

const DURATION = 'a duration such as 30s';

const environment = (): TextMap => (globalThis as { process?: { env?: TextMap } }).process?.env ?? {};

/**
 * Reads every setting from the first source that holds a good value: code, properties, environment, default. Bad
 * values are added to `faults`, those of overruled sources as well. Never throws.
 */
export function readSettings(
  faults: Fault[],
  env: TextMap = environment(),
  properties: TextMap = {},
  overrides: RetryOverrides = {},
): RetrySettings {
  const pick = <T>(
    mustBe: string,
    fallback: T,
    print: (value: T) => string,
    sources: readonly Source<T>[],
  ): T => {
    let used: T | undefined;
    const bad: string[] = [];
    for (const [name, value, read] of sources) {
      if (value === undefined) continue;
      const good = read(value);
      if (good === undefined) bad.push(`${name} is ${show(value)}, but must be ${mustBe}`);
      else used ??= good;
    }
    const result = used ?? fallback;
    for (const text of bad) faults.push({ text, used: print(result) });
    return result;
  };
  const ofEnv = <T>(suffix: string, read: Reader<T>): Source<T> => {
    const name = `VELOSTREAM_${suffix}`;
    return [name, env[name], read];
  };
  const ofProperty = <T>(name: string, read: Reader<T>): Source<T> => [
    `topic.${name}`,
    properties[`topic.${name}`],
    read,
  ];
  const ofCode = <T>(name: keyof RetryOverrides, read: Reader<T>): Source<T> => [name, overrides[name], read];

  const strategy = pick<StrategyName | RetryStrategy>(
    "'exponential', 'fixed' or 'linear'",
    'exponential',
    (value) => (typeof value === 'string' ? value : value.kind),
    [
      ofCode('strategy', readStrategy),
      ofProperty('retry.strategy', readStrategy),
      ofEnv('RETRY_STRATEGY', readStrategy),
    ],
  );
  const interval = pick(DURATION, 2_000, formatDuration, [
    ofCode('interval', readDuration),
    ofProperty('retry.interval', readDuration),
    ofEnv('RETRY_INTERVAL_SECS', readSeconds),
  ]);
  const atLeastOne = readNumber(1, Number.MAX_VALUE);
  const multiplier = pick('a number, 1 or more', 1.5, String, [
    ofCode('multiplier', atLeastOne),
    ofProperty('retry.multiplier', atLeastOne),
    ofEnv('RETRY_MULTIPLIER', atLeastOne),
  ]);
  const atLeastInterval =
    (read: Reader<number>): Reader<number> =>
    (value) => {
      const ms = read(value);
      return ms !== undefined && ms >= interval ? ms : undefined;
    };
  const notBelow = `${DURATION}, not below the interval of ${formatDuration(interval)}`;
  const maxDelay = pick(notBelow, Math.max(120_000, interval), formatDuration, [
    ofCode('maxDelay', atLeastInterval(readDuration)),
    ofProperty('retry.max.delay', atLeastInterval(readDuration)),
    ofEnv('RETRY_MAX_DELAY_SECS', atLeastInterval(readSeconds)),
  ]);
  const increment = pick(DURATION, interval, formatDuration, [
    ofCode('increment', readDuration),
    ofProperty('retry.increment', readDuration),
  ]);
  const waitTimeout = pick(DURATION, 0, formatDuration, [
    ofCode('waitTimeout', readDuration),
    ofProperty('wait.timeout', readDuration),
  ]);
  const count = (
    name: 'partitions' | 'replicationFactor',
    suffix: string,
    max: number,
    fallback: number,
  ): number => {
    const read = readNumber(1, max, true);
    return pick(`a whole number, 1 to ${max}`, fallback, String, [ofCode(name, read), ofEnv(suffix, read)]);
  };
  const partitions = count('partitions', 'DEFAULT_PARTITIONS', 2 ** 31 - 1, 6);
  const replicationFactor = count('replicationFactor', 'DEFAULT_REPLICATION_FACTOR', 32_767, 3);
  return { strategy, interval, multiplier, maxDelay, increment, waitTimeout, partitions, replicationFactor };
}
