import type { DeadLetters, Observer } from '@velo/engine';
import { checkNames, invalidOption, readProperty } from '@velo/retry-core';
import { register as globalRegister, type Registry } from 'prom-client';
import { ConsumerMetrics } from './consumer-metrics.js';
import { type Instruments, instrumentsOf } from './instruments.js';
import { DEFAULT_PREFIX } from './metrics.js';
import { type DeadLettersWatchOptions, watchDeadLetters } from './open-dead-letters.js';

export interface PrometheusOptions {
  /** Of your `prom-client`. Any number of velos and consumers may share one. @default its global `register` */
  readonly register?: PrometheusRegistry | undefined;
  /** Before the name of each metric: letters, digits, `_`, `:`, no digit first. @default 'velo_' */
  readonly prefix?: string | undefined;
}

/** A registry of `prom-client`, whatever its content type. */
export type PrometheusRegistry = Pick<Registry, 'getSingleMetric' | 'registerMetric' | 'metrics'>;

/** Counts and measures what the consumers of a velo do. */
export interface PrometheusObserver extends Observer {
  /**
   * Counts open dead letters from now on, as `letters.summary()` does: each look reads all dead letters of the group and what was
   * done with them, so it is meant to be made every few minutes, by one process of the group.
   *
   * @param letters of `velo.deadLetters()`
   * @returns a function that ends it; so does closing `letters`, or their velo
   * @throws {VeloError} `VELO_INVALID_OPTION`
   */
  watchDeadLetters(letters: Pick<DeadLetters, 'summary'>, options?: DeadLettersWatchOptions): () => void;
}

/**
 * An observer that keeps the metrics of `METRICS` in a registry of `prom-client`: `createVelo(kafka, { observers: [prometheus()] })`.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` for what is no registry, and where another metric has one of the names
 */
export function prometheus(options: PrometheusOptions = {}): PrometheusObserver {
  checkNames(options, { register: true, prefix: true }, 'prometheus()');
  const { register = globalRegister, prefix = DEFAULT_PREFIX } = options;
  const instruments: Instruments = instrumentsOf(checkRegister(register), checkPrefix(prefix));
  return {
    consumer: (consumer) => new ConsumerMetrics(consumer, instruments),
    watchDeadLetters: (letters, given = {}) => watchDeadLetters(letters, given, instruments),
  };
}

function checkRegister(register: unknown): Registry {
  const methods = ['getSingleMetric', 'registerMetric', 'metrics'];
  if (methods.every((method) => typeof readProperty(register, method) === 'function'))
    return register as Registry;
  throw invalidOption('register', register, 'a registry of prom-client, such as new Registry()');
}

function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^[a-zA-Z_:][\w:]*$/.test(prefix)) return prefix;
  throw invalidOption('prefix', prefix, "letters, digits, '_' and ':', no digit first, such as 'velo_'");
}
