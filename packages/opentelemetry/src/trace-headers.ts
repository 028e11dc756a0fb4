import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

/** The span of the first attempt at a record, in its copies: later ones link to it. */
export const FIRST_ATTEMPT_HEADER = 'velo-trace-first';
/** The span that has sent a copy: what is done with the copy links to it. */
export const SENT_HEADER = 'velo-trace-sent';

const SPAN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const LENGTH = 55;

/** As W3C's `traceparent`, whichever propagator is in use. */
export function writeSpan({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 0xff).toString(16).padStart(2, '0')}`;
}

/** Never throws; `undefined` for what is no span. */
export function readSpan(value: Buffer | null | undefined): SpanContext | undefined {
  if (!value || value.length !== LENGTH) return undefined;
  const [, traceId, spanId, flags] = SPAN.exec(value.toString('latin1')) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}
