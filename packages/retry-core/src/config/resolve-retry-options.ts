import { checkNames } from '../check-names.js';
import { exponential } from '../strategies/exponential.js';
import { fixed } from '../strategies/fixed.js';
import { linear } from '../strategies/linear.js';
import type { RetryStrategy } from '../strategies/strategy.js';
import { VeloError } from '../velo-error.js';
import { readHandling } from './handling-settings.js';
import {
  environment,
  type Fault,
  type RetryOverrides,
  type RetrySettings,
  readSettings,
  type TextMap,
} from './settings.js';
import { unknownSettings } from './unknown-settings.js';

const OPTIONS = {
  properties: true,
  env: true,
  overrides: true,
  strict: true,
} as const satisfies Record<keyof ResolveRetryOptions, true>;

export interface ResolveRetryOptions {
  /**
   * `topic.wait.timeout` and `topic.retry.*`: `strategy`, `interval`, `multiplier`, `max.delay`, `increment`. What is there for consumers
   * (`topic.retry.attempts`, `topic.retry.tiers`, `topic.handler.*`) is checked, too; consumers read it.
   */
  readonly properties?: TextMap | undefined;
  /** The `VELOSTREAM_*` variables. @default `process.env` where there is one */
  readonly env?: TextMap | undefined;
  /** Options given in code; they go first. */
  readonly overrides?: RetryOverrides | undefined;
  /** Refuse bad values and unknown names instead of passing over them. @default false */
  readonly strict?: boolean | undefined;
}

export interface ResolvedRetryOptions {
  readonly strategy: RetryStrategy;
  /** Milliseconds; 0 means: do not wait for a missing topic. */
  readonly waitTimeout: number;
  /** Of new topics. */
  readonly partitions: number;
  /** Of new topics. */
  readonly replicationFactor: number;
  /** One sentence for each bad value (the setting, its value, and the value used instead) and for each unknown name. */
  readonly warnings: string[];
}

/**
 * One strategy and the topic defaults out of options in code, properties, environment and defaults, in this order.
 * A bad value is passed over with a warning, wherever it stands, and so is a property or variable that is meant for velo
 * and that it does not know.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` for an unknown option, and, if `strict`, for all that is passed over, at once
 */
export function resolveRetryOptions(options: ResolveRetryOptions = {}): ResolvedRetryOptions {
  const faults: Fault[] = [];
  checkNames(options, OPTIONS, 'resolveRetryOptions()');
  const { env = environment(), properties = {} } = options;
  const settings = readSettings(faults, env, properties, options.overrides);
  readHandling(faults, { properties, env });
  faults.push(...unknownSettings(options.overrides ?? {}, properties, env));
  if (options.strict && faults.length > 0) {
    const texts = faults.map(({ text }) => text).join('; ');
    throw new VeloError(
      'VELO_INVALID_OPTION',
      `${texts}. With strict nothing is made of such settings. Mend them, or leave strict out: then they are passed over, with a warning.`,
    );
  }
  const { waitTimeout, partitions, replicationFactor } = settings;
  const warnings = faults.map(({ text, instead }) => `${text}; ${instead}`);
  return { strategy: strategyOf(settings), waitTimeout, partitions, replicationFactor, warnings };
}

function strategyOf({ strategy, interval, multiplier, increment, maxDelay }: RetrySettings): RetryStrategy {
  switch (strategy) {
    case 'fixed':
      return fixed(interval);
    case 'linear':
      return linear({ initial: interval, increment, max: maxDelay });
    case 'exponential':
      return exponential({ initial: interval, multiplier, max: maxDelay });
    default:
      return strategy;
  }
}
