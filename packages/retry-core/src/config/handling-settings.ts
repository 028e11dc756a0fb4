import { parseDuration } from '../durations/parse-duration.js';
import type { Reader } from './read-text.js';
import { readDuration, readNumber, readSeconds } from './read-text.js';
import { environment, type Fault, faultOf, type TextMap } from './settings.js';

/** What operators tune of consumers, from outside the code; times in milliseconds. What is not set is undefined. */
export interface HandlingValues {
  /** In one topic, the first included. */
  readonly attempts: number;
  readonly tiers: readonly number[];
  readonly handlerTimeout: number;
  /** Handlers at once in each partition. */
  readonly concurrency: number;
}

/** A value, and the property or variable that it was read from. */
export interface HandlingSetting<K extends keyof HandlingValues = keyof HandlingValues> {
  readonly name: K;
  readonly value: HandlingValues[K];
  readonly from: string;
}

/** In the order of `HANDLING`, those that are set. */
export type HandlingSettings = readonly {
  [K in keyof HandlingValues]: HandlingSetting<K>;
}[keyof HandlingValues][];

const MAX_TIERS = 32;
const MAX_WAIT = 604_800_000;

/** Waits between commas, such as `5s, 1m`; `none` for none. */
const readTiers: Reader<readonly number[]> = (value) => {
  if (typeof value !== 'string') return undefined;
  if (value.trim().toLowerCase() === 'none') return [];
  const waits = value.split(',').map((wait) => parseDuration(wait));
  const isGood = waits.every((wait) => wait !== undefined && wait >= 1 && wait <= MAX_WAIT);
  return isGood && waits.length <= MAX_TIERS ? (waits as number[]) : undefined;
};

const atLeastOneMs =
  (read: Reader<number>): Reader<number> =>
  (value) => {
    const ms = read(value);
    return ms !== undefined && ms >= 1 ? ms : undefined;
  };

interface Setting<T> {
  readonly mustBe: string;
  readonly property: string;
  readonly variable: string;
  readonly ofProperty: Reader<T>;
  readonly ofVariable: Reader<T>;
}

const whole = (max: number) => {
  const read = readNumber(1, max, true);
  return { mustBe: `a whole number, 1 to ${max}`, ofProperty: read, ofVariable: read };
};

const HANDLING: { readonly [K in keyof HandlingValues]: Setting<HandlingValues[K]> } = {
  attempts: {
    property: 'topic.retry.attempts',
    variable: 'VELOSTREAM_RETRY_ATTEMPTS',
    ...whole(1_000_000),
  },
  tiers: {
    property: 'topic.retry.tiers',
    variable: 'VELOSTREAM_RETRY_TIERS',
    mustBe: `waits between commas such as 5s,1m, each 1ms to 7d, ${MAX_TIERS} at most, or none`,
    ofProperty: readTiers,
    ofVariable: readTiers,
  },
  handlerTimeout: {
    property: 'topic.handler.timeout',
    variable: 'VELOSTREAM_HANDLER_TIMEOUT_SECS',
    mustBe: 'a duration such as 30s, 1 ms at the least',
    ofProperty: atLeastOneMs(readDuration),
    ofVariable: atLeastOneMs(readSeconds),
  },
  concurrency: {
    property: 'topic.handler.concurrency',
    variable: 'VELOSTREAM_HANDLER_CONCURRENCY',
    ...whole(10_000),
  },
};

export const HANDLING_PROPERTIES: readonly string[] = /* @__PURE__ */ Object.values(HANDLING).map(
  ({ property }) => property,
);
export const HANDLING_VARIABLES: readonly string[] = /* @__PURE__ */ Object.values(HANDLING).map(
  ({ variable }) => variable,
);

/**
 * What operators have set for consumers: properties before the environment. Bad values are passed over and added to `faults`, those of overruled sources
 * as well. Never throws.
 */
export function handlingSettings(
  {
    properties = {},
    env = environment(),
  }: { readonly properties?: TextMap | undefined; readonly env?: TextMap | undefined } = {},
  faults: Fault[] = [],
): HandlingSettings {
  const read = <K extends keyof HandlingValues>(name: K): HandlingSetting<K> | undefined => {
    const { property, variable, ofProperty, ofVariable, mustBe }: Setting<HandlingValues[K]> = HANDLING[name];
    const bad: string[] = [];
    const one = (from: string, text: unknown, reader: Reader<HandlingValues[K]>) => {
      if (text === undefined) return undefined;
      const value = reader(text);
      if (value === undefined) bad.push(faultOf(from, text, mustBe));
      return value === undefined ? undefined : { name, value, from };
    };
    const given = [one(property, properties[property], ofProperty), one(variable, env[variable], ofVariable)];
    const used = given.find((each) => each !== undefined);
    for (const text of bad)
      faults.push({
        text,
        instead: used === undefined ? 'it changes nothing' : `${used.from} is used instead`,
      });
    return used;
  };
  return (Object.keys(HANDLING) as (keyof HandlingValues)[])
    .map((name) => read(name))
    .filter((setting) => setting !== undefined) as HandlingSettings;
}
