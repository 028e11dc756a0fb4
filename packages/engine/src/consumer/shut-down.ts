import { type Clock, VeloError } from '@velo/retry-core';
import { within } from '../binding/deadline.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { Logger } from '../plan/config.js';
import type { ConsumerParts } from './consumer-parts.js';
import { explainSlowStop, SLOW_STOP } from './explain-stop.js';
import { FAREWELL_LIMIT, type StopLimits } from './stop-limits.js';

/** For each step of leaving, whoever waits for it, ms. */
const STEP_LIMIT = 10_000;

export interface ShutDown {
  readonly groupId: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly running: () => readonly RunningHandler[];
}

/**
 * Ends all parts of a consumer, within the limits. Where brokers do not answer in time, what is left of it goes on by itself.
 *
 * @returns whether all handlers and copies have ended by themselves
 */
export async function shutDown(parts: ConsumerParts, limits: StopLimits, told: ShutDown): Promise<boolean> {
  const { clock } = told;
  const begin = clock.now();
  const left = (limit: number) => Math.max(0, begin + limit - clock.now());
  endWatches(parts);
  const drained = parts.lanes.drain().then(() => parts.handOffs.idle());
  const cancelHint = clock.schedule(SLOW_STOP, () => hintAtSlowStop(parts, limits, told));
  const finished = await within(limits.abortAfter, drained, clock);
  if (finished === false) {
    const { groupId } = told;
    const message = `The consumer of group ${groupId} stops, and waits no longer for this handler. If it ends without an error now, its record counts as handled; else the record comes again. Let it end when its signal is aborted, or give stop() more time (abortAfter).`;
    parts.lanes.interrupt(new VeloError('VELO_ABORTED', message));
    await within(left(limits.drained), drained, clock);
  }
  cancelHint();
  await within(Math.max(FAREWELL_LIMIT, left(limits.timeout)), leave(parts, clock), clock);
  return finished !== false;
}

function endWatches({ unread, contact, flow, spring, topicWatch, replays }: ConsumerParts): void {
  for (const watch of [unread, contact, flow, spring, topicWatch, replays]) watch.close();
}

async function leave(parts: ConsumerParts, clock: Clock): Promise<void> {
  const { lanes, handOffs, buffer, committer, membership, client } = parts;
  await within(STEP_LIMIT, committer.flush(), clock);
  lanes.close('The consumer was stopped.');
  handOffs.close();
  buffer.close();
  committer.close();
  await membership.leave();
  await within(STEP_LIMIT, client.close(), clock);
}

function hintAtSlowStop({ handOffs }: ConsumerParts, limits: StopLimits, told: ShutDown): void {
  const { groupId, logger } = told;
  const running = told.running();
  const until = running.length > 0 ? limits.abortAfter : limits.drained;
  logger.warn(
    explainSlowStop({ groupId, running, copies: handOffs.pending, left: Math.max(0, until - SLOW_STOP) }),
  );
}
