import { type Clock, foreignMessage } from '@velo/retry-core';
import type { Emitter } from './events.js';
import type { LastError } from './health.js';

const EVENTS = [
  'crashed',
  'commitFailed',
  'positionFailed',
  'publishFailed',
  'publishRefused',
  'dead',
] as const satisfies readonly LastError['event'][];

/** Keeps what has last failed between a consumer and its brokers. */
export function keepLastError(events: Emitter, clock: Clock): () => LastError | undefined {
  let last: LastError | undefined;
  for (const event of EVENTS)
    events.on(event, ({ error }: { readonly error: unknown }) => {
      last = { event, message: foreignMessage(error), at: clock.wallTime() };
    });
  return () => last;
}
