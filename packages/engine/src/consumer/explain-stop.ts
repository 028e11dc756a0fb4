import { formatDuration } from '@velo/retry-core';
import { placeOf } from '../binding/record.js';
import type { RunningHandler } from '../observing/stall-watch.js';

/** From the call of `stop` until it says what it waits for, ms. */
export const SLOW_STOP = 3_000;

/** How many records are named. */
const NAMED = 3;

export interface SlowStop {
  readonly groupId: string;
  readonly running: readonly RunningHandler[];
  /** Copies that are not acknowledged. */
  readonly copies: number;
  /** Until the limit of `stop`, ms. */
  readonly left: number;
}

/** For people: what a stop waits for, what becomes of it, and what to do. */
export function explainSlowStop({ groupId, running, copies, left }: SlowStop): string {
  const limit = formatDuration(Math.ceil(left / 1_000) * 1_000);
  if (running.length === 0) {
    return `The consumer of group ${groupId} stops, and waits for copies that the brokers have not acknowledged (${copies}). Nothing is lost: after ${limit} more it stops without them, and their records come again. See the events publishFailed for what keeps them.`;
  }
  const places = running.slice(0, NAMED).map(({ context }) => placeOf(context.record));
  const more = running.length > NAMED ? `, and ${running.length - NAMED} more` : '';
  return `The consumer of group ${groupId} stops, and waits for the handler of ${places.join('; ')}${more}. Nothing is lost: after ${limit} more its signal is aborted, and the record comes again unless the handler ends without an error. If the handler awaits stop(), each waits for the other: call it there without await, or abort the signal that start() was given. If it is slow, heed its context's signal, or give stop() a longer timeout and abortAfter.`;
}
