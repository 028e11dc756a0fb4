import { checkNames, type HandlingSettings } from '@velo/retry-core';
import type { ConsumerSettings } from './config.js';
import { CONSUMER_NAMES } from './option-names.js';

/** What holds for all consumers of a velo where they do not say otherwise. */
export type ConsumerDefaults = Partial<Omit<ConsumerSettings, 'groupId' | 'topics'>>;

/** Options, and where they come from, for people. */
export interface Layer {
  readonly from: string;
  readonly options: object;
}

/** An option that was given, by its path. */
export interface OptionOrigin {
  /** As in `retry.inPlace.maxAttempts`. */
  readonly option: string;
  readonly value: unknown;
  readonly from: string;
}

export interface Layered {
  readonly options: object;
  readonly origins: readonly OptionOrigin[];
}

const { groupId: _, topics: __, ...DEFAULT_NAMES } = CONSUMER_NAMES;

/** Values of their own, whatever they are made of. */
const WHOLE: readonly string[] = [
  'logger',
  'retry.inPlace.strategy',
  'exhausted.route',
  'flow.breaker.probe',
  'topics',
];

/** @throws {VeloError} `VELO_INVALID_OPTION` for an unknown name, naming the nearest */
export function checkDefaults(defaults: ConsumerDefaults | undefined): ConsumerDefaults {
  checkNames(defaults, DEFAULT_NAMES, "'consumers' of createVelo()");
  return defaults ?? {};
}

/** Properties and variables as options, each a layer of its own. */
export function settingLayers(settings: HandlingSettings): Layer[] {
  return settings.map((setting) => {
    const { from, name, value } = setting;
    if (name === 'attempts') return { from, options: { retry: { inPlace: { maxAttempts: value } } } };
    if (name === 'tiers') return { from, options: { retry: { tiers: value } } };
    if (name === 'handlerTimeout') return { from, options: { handlerTimeout: value } };
    return { from, options: { concurrency: { perPartition: value } } };
  });
}

/**
 * One configuration of many, the first of which wins. Plain objects are merged, option by option, however deep. All else replaces what is below it: lists,
 * functions, loggers, strategies, a `flow.breaker` that is a `CircuitBreaker`. Two more do: an `exhausted` with another `action`, and a
 * `handler` or a `batch`, either of which takes the place of both.
 */
export function layered(layers: readonly Layer[]): Layered {
  const origins = new Map<string, OptionOrigin>();
  let options: object = {};
  for (const { from, options: given } of layers.toReversed()) {
    options = over(options, given, { from, path: '', origins });
  }
  return { options, origins: [...origins.values()] };
}

interface Place {
  readonly from: string;
  /** With a dot at its end, but for the outermost. */
  readonly path: string;
  readonly origins: Map<string, OptionOrigin>;
}

function over(below: object, given: object, place: Place): object {
  const result: Record<string, unknown> = { ...below };
  const drop = (name: string) => {
    delete result[name];
    forget(place, name);
  };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const option = `${place.path}${name}`;
    if (option === 'handler' && !Object.hasOwn(given, 'batch')) drop('batch');
    if (option === 'batch' && !Object.hasOwn(given, 'handler')) drop('handler');
    const before = result[name];
    if (isPlain(value) && !WHOLE.includes(option)) {
      const isAlike = isPlain(before) && !differs(before, value);
      if (!isAlike) drop(name);
      result[name] = over(isAlike ? before : {}, value, { ...place, path: `${option}.` });
    } else {
      drop(name);
      result[name] = value;
      place.origins.set(option, { option, value, from: place.from });
    }
  }
  return result;
}

/** Options of another action would mean nothing. */
function differs(before: object, given: object): boolean {
  const [one, other] = [before, given].map((each) => (each as { readonly action?: unknown }).action);
  return one !== undefined && other !== undefined && one !== other;
}

function forget({ path, origins }: Place, name: string): void {
  const option = `${path}${name}`;
  for (const known of [...origins.keys()])
    if (known === option || known.startsWith(`${option}.`)) origins.delete(known);
}

/** Made of braces, whose options are merged. */
export function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
