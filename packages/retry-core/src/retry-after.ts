import { type Duration, parseDuration } from './durations/parse-duration.js';
import { readProperty } from './errors/safe-read.js';

/**
 * When to try again: a duration, a moment, or what an HTTP `Retry-After` holds, which is seconds (`'120'`, as a duration without a
 * unit) or a date in one of the three forms of RFC 9110.
 */
// biome-ignore lint/style/noRestrictedGlobals: a moment that somebody else tells
export type RetryAfter = Duration | Date;

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and the two that are obsolete and still to be read: by RFC 850, and by C's `asctime`. */
const HTTP_DATE =
  /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$|^\w{6,9}, \d{2}-\w{3}-\d{2} \d{2}:\d{2}:\d{2} GMT$|^\w{3} \w{3} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** The wait from `now` on, ms; 0 for a moment that has passed, NaN for what is none of the forms. */
export function waitUntil(after: unknown, now: number): number {
  if (typeof after === 'number') return after;
  // biome-ignore lint/style/noRestrictedGlobals: a moment that somebody else tells
  if (after instanceof Date) return Math.max(0, after.getTime() - now);
  if (typeof after !== 'string') return Number.NaN;
  const duration = parseDuration(after);
  if (duration !== undefined) return duration;
  const text = after.trim();
  if (!HTTP_DATE.test(text)) return Number.NaN;
  // biome-ignore lint/style/noRestrictedGlobals: a moment that somebody else tells
  return Math.max(0, Date.parse(text.endsWith('GMT') ? text : `${text} GMT`) - now);
}

/** The `Retry-After` of an answer: of `fetch`, of Node's `http`, or of whatever has `headers`. Never throws. */
export function retryAfterOf(response: unknown): unknown {
  const headers = readProperty(response, 'headers');
  try {
    if (typeof readProperty(headers, 'get') === 'function')
      return (headers as { get(name: string): unknown }).get('retry-after') ?? undefined;
    const name = Object.keys(headers as object).find((each) => each.toLowerCase() === 'retry-after');
    return name === undefined ? undefined : readProperty(headers, name);
  } catch {
    return undefined; // no headers, or such as throw
  }
}

/** Of an answer, if it tells; `status` of `fetch`, `statusCode` of Node's `http`. */
export function statusOf(response: unknown): number | undefined {
  const status = readProperty(response, 'status') ?? readProperty(response, 'statusCode');
  return typeof status === 'number' ? status : undefined;
}
