import { invalidOption } from '../velo-error.js';
import { formatDuration } from './format-duration.js';
import { type Duration, parseDuration } from './parse-duration.js';

export type { Duration };

export interface DurationLimits {
  /** Milliseconds. @default 0 */
  readonly min?: number;
  /** Milliseconds. @default Number.MAX_SAFE_INTEGER */
  readonly max?: number;
}

/**
 * The milliseconds of an option: a number is milliseconds, a text is read by `parseDuration`.
 *
 * @param name of the option, for the error
 * @throws {VeloError} `VELO_INVALID_OPTION` if it is no duration (NaN, Infinity, unreadable text) or outside the
 *   limits; the message names the value, the limit and what to write instead
 */
export function toMilliseconds(value: Duration, name: string, limits?: DurationLimits): number {
  const min = limits?.min ?? 0;
  const max = limits?.max ?? Number.MAX_SAFE_INTEGER;
  const ms = typeof value === 'string' ? parseDuration(value) : value;
  if (typeof ms === 'number' && ms >= min && ms <= max) return ms;
  const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${formatDuration(max)}`;
  throw invalidOption(
    name,
    value,
    `a duration of at least ${formatDuration(min)}${most}, such as 500 (milliseconds) or '30s'`,
  );
}
