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

/** A setting that could not be used. */
export interface Fault {
  /** Names the setting, the value and what it must be. */
  readonly text: string;
  /** What holds in its place, for people. */
  readonly instead: string;
}

/** All options that are read. */
export const OVERRIDES: readonly string[] = /* @__PURE__ */ Object.keys({
  strategy: true,
  interval: true,
  multiplier: true,
  maxDelay: true,
  increment: true,
  waitTimeout: true,
  partitions: true,
  replicationFactor: true,
} satisfies Record<keyof RetryOverrides, true>);

/** All properties that are read. */
export const PROPERTIES = [
  'topic.wait.timeout',
  'topic.retry.strategy',
  'topic.retry.interval',
  'topic.retry.multiplier',
  'topic.retry.max.delay',
  'topic.retry.increment',
] as const;

/** All environment variables that are read. */
export const VARIABLES = [
  'VELOSTREAM_RETRY_STRATEGY',
  'VELOSTREAM_RETRY_INTERVAL_SECS',
  'VELOSTREAM_RETRY_MULTIPLIER',
  'VELOSTREAM_RETRY_MAX_DELAY_SECS',
  'VELOSTREAM_DEFAULT_PARTITIONS',
  'VELOSTREAM_DEFAULT_REPLICATION_FACTOR',
] as const;

/** One place where a setting may stand, and how it is read there. */
export type Source<T> = readonly [name: string, value: unknown, read: Reader<T>];

/** The first good value, and where it stands; what is wrong with bad ones, those of overruled sources as well. */
export function readFirst<T>(
  sources: readonly Source<T>[],
  mustBe: string,
): {
  readonly used: { readonly from: string; readonly value: T } | undefined;
  readonly bad: readonly string[];
} {
  let used: { readonly from: string; readonly value: T } | undefined;
  const bad: string[] = [];
  for (const [from, given, read] of sources) {
    if (given === undefined) continue;
    const value = read(given);
    if (value === undefined) bad.push(`${from} is ${show(given)}, but must be ${mustBe}`);
    else used ??= { from, value };
  }
  return { used, bad };
}

const DURATION = 'a duration such as 30s';

export const environment = (): TextMap => (globalThis as { process?: { env?: TextMap } }).process?.env ?? {};

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
    const { used, bad } = readFirst(sources, mustBe);
    const result = used === undefined ? fallback : used.value;
    for (const text of bad) faults.push({ text, instead: `${print(result)} is used instead` });
    return result;
  };
  const ofEnv = <T>(name: (typeof VARIABLES)[number], read: Reader<T>): Source<T> => [name, env[name], read];
  const ofProperty = <T>(name: (typeof PROPERTIES)[number], read: Reader<T>): Source<T> => [
    name,
    properties[name],
    read,
  ];
  const ofCode = <T>(name: keyof RetryOverrides, read: Reader<T>): Source<T> => [name, overrides[name], read];

  const strategy = pick<StrategyName | RetryStrategy>(
    "'exponential', 'fixed' or 'linear'",
    'exponential',
    (value) => (typeof value === 'string' ? value : value.kind),
    [
      ofCode('strategy', readStrategy),
      ofProperty('topic.retry.strategy', readStrategy),
      ofEnv('VELOSTREAM_RETRY_STRATEGY', readStrategy),
    ],
  );
  const interval = pick(DURATION, 2_000, formatDuration, [
    ofCode('interval', readDuration),
    ofProperty('topic.retry.interval', readDuration),
    ofEnv('VELOSTREAM_RETRY_INTERVAL_SECS', readSeconds),
  ]);
  const atLeastOne = readNumber(1, Number.MAX_VALUE);
  const multiplier = pick('a number, 1 or more', 1.5, String, [
    ofCode('multiplier', atLeastOne),
    ofProperty('topic.retry.multiplier', atLeastOne),
    ofEnv('VELOSTREAM_RETRY_MULTIPLIER', atLeastOne),
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
    ofProperty('topic.retry.max.delay', atLeastInterval(readDuration)),
    ofEnv('VELOSTREAM_RETRY_MAX_DELAY_SECS', atLeastInterval(readSeconds)),
  ]);
  const increment = pick(DURATION, interval, formatDuration, [
    ofCode('increment', readDuration),
    ofProperty('topic.retry.increment', readDuration),
  ]);
  const waitTimeout = pick(DURATION, 0, formatDuration, [
    ofCode('waitTimeout', readDuration),
    ofProperty('topic.wait.timeout', readDuration),
  ]);
  const count = (
    name: 'partitions' | 'replicationFactor',
    variable: (typeof VARIABLES)[number],
    max: number,
    fallback: number,
  ): number => {
    const read = readNumber(1, max, true);
    return pick(`a whole number, 1 to ${max}`, fallback, String, [ofCode(name, read), ofEnv(variable, read)]);
  };
  const partitions = count('partitions', 'VELOSTREAM_DEFAULT_PARTITIONS', 2 ** 31 - 1, 6);
  const replicationFactor = count('replicationFactor', 'VELOSTREAM_DEFAULT_REPLICATION_FACTOR', 32_767, 3);
  return { strategy, interval, multiplier, maxDelay, increment, waitTimeout, partitions, replicationFactor };
}
