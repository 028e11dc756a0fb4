import { DurationCache } from './duration-cache.js';
import { scanDuration } from './scan-duration.js';

/**
 * A length of time: a number of milliseconds, or a text with its unit such as `'500ms'`, `'30s'`, `'1.5h'`. Any text, since
 * it may come from a file or a variable; what the type cannot say (a duration at all, finite, not negative) is checked at
 * run time by `toMilliseconds`.
 */
export type Duration =
  | number
  | `${number}ms`
  | `${number}s`
  | `${number}m`
  | `${number}h`
  | `${number}d`
  // An intersection, so that editors still offer the forms above.
  | (string & Record<never, never>);

/** Longer texts are scanned each time, so that 1,024 hostile texts cannot fill the memory. */
const LONGEST_CACHED = 64;

const cache = /* @__PURE__ */ new DurationCache(scanDuration);

/**
 * The milliseconds that a text such as `'30s'`, `'1.5 hours'` or `'250 ms'` stands for; `undefined` for
 * anything invalid, never a throw.
 *
 * Grammar: a decimal number without a sign or an exponent, optional spaces, a unit in any case; surrounding
 * spaces are ignored. Units: `ms|millis|milliseconds`, `s|sec|secs|second|seconds`, `m|min|mins|minute|minutes`,
 * `h|hr|hrs|hour|hours`, `d|day|days`, and their singulars. No unit means seconds. A result above
 * `Number.MAX_SAFE_INTEGER` ms is invalid.
 *
 * Answers are cached (see `DurationCache`); a hit is faster than scanning (apps/bench).
 */
export function parseDuration(text: string): number | undefined {
  if (typeof text !== 'string') return undefined;
  return text.length > LONGEST_CACHED ? scanDuration(text) : cache.get(text);
}
