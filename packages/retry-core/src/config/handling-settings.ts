import { parseDuration } from '../durations/parse-duration.js';
import type { Reader } from './read-text.js';
import { readDuration, readNumber, readSeconds } from './read-text.js';
import { environment, type Fault, readFirst, type TextMap } from './settings.js';

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

/** The property and the variable of each. */
const NAMES: { readonly [K in keyof HandlingValues]: readonly [property: string, variable: string] } = {
  attempts: ['topic.retry.attempts', 'VELOSTREAM_RETRY_ATTEMPTS'],
  tiers: ['topic.retry.tiers', 'VELOSTREAM_RETRY_TIERS'],
  handlerTimeout: ['topic.handler.timeout', 'VELOSTREAM_HANDLER_TIMEOUT_SECS'],
  concurrency: ['topic.handler.concurrency', 'VELOSTREAM_HANDLER_CONCURRENCY'],
};

const namesAt = (place: 0 | 1): readonly string[] => Object.values(NAMES).map((names) => names[place]);

export const HANDLING_PROPERTIES = /* @__PURE__ */ namesAt(0);
export const HANDLING_VARIABLES = /* @__PURE__ */ namesAt(1);

/** How each is read, as a property and as a variable. */
function readers(): { readonly [K in keyof HandlingValues]: Readers<HandlingValues[K]> } {
  const whole = (max: number) => {
    const read = readNumber(1, max, true);
    return { mustBe: `a whole number, 1 to ${max}`, ofProperty: read, ofVariable: read };
  };
  return {
    attempts: whole(1_000_000),
    tiers: {
      mustBe: `waits between commas such as 5s,1m, each 1ms to 7d, ${MAX_TIERS} at most, or none`,
      ofProperty: readTiers,
      ofVariable: readTiers,
    },
    handlerTimeout: {
      mustBe: 'a duration such as 30s, 1 ms at the least',
      ofProperty: atLeastOneMs(readDuration),
      ofVariable: atLeastOneMs(readSeconds),
    },
    concurrency: whole(10_000),
  };
}

interface Readers<T> {
  readonly mustBe: string;
  readonly ofProperty: Reader<T>;
  readonly ofVariable: Reader<T>;
}

/** Where settings stand. */
export interface HandlingSources {
  readonly properties?: TextMap | undefined;
  /** Without it `process.env`, where there is one. */
  readonly env?: TextMap | undefined;
}

/** What operators have set for consumers: properties before the environment. Bad values are passed over. Never throws. */
export function handlingSettings(sources: HandlingSources = {}): HandlingSettings {
  return readHandling([], sources);
}

/** The same; bad values are added to `faults`, those of overruled sources as well. */
export function readHandling(
  faults: Fault[],
  { properties = {}, env = environment() }: HandlingSources,
): HandlingSettings {
  const how = readers();
  const read = <K extends keyof HandlingValues>(name: K): HandlingSetting<K> | undefined => {
    const { ofProperty, ofVariable, mustBe }: Readers<HandlingValues[K]> = how[name];
    const [property, variable] = NAMES[name];
    const sources = [
      [property, properties[property], ofProperty],
      [variable, env[variable], ofVariable],
    ] as const;
    const { used, bad } = readFirst(sources, mustBe);
    const instead = used === undefined ? 'it changes nothing' : `${used.from} is used instead`;
    for (const text of bad) faults.push({ text, instead });
    return used && { name, ...used };
  };
  return (Object.keys(NAMES) as (keyof HandlingValues)[])
    .map((name) => read(name))
    .filter((setting) => setting !== undefined) as HandlingSettings;
}
