import { ownRecord } from '../binding/own-record.js';
import { followerHeaders, initialState } from '../headers/retry-state.js';
import type { Tier } from '../plan/plan-topic.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';
import type { PreparedRecord } from './prepared-record.js';
import { moveOn } from './send-on.js';

/**
 * With `retry.keepKeyOrder`: a record whose key waits in a later tier goes there, untried, and is due at once; its turn
 * comes when those before it have ended.
 *
 * @returns false: none of its key is ahead, it may be tried
 */
export function joinKey(prepared: PreparedRecord, host: AttemptHost, lane: AttemptLane): boolean {
  const { record } = prepared;
  const ahead = lane.keys?.ahead(record);
  if (ahead === undefined) return false;
  ownRecord(record);
  // Another one may be tried in its place.
  lane.flow.forget((other) => other === record);
  join(prepared, ahead, host, lane);
  return true;
}

function join(prepared: PreparedRecord, ahead: Tier, host: AttemptHost, lane: AttemptLane): void {
  const { record, route } = prepared;
  const { topic, tierNumber } = ahead;
  const state = prepared.state ?? initialState(record);
  lane.keys?.sent(topic, record, state.offset);
  moveOn(
    { record, state, route, host, lane },
    {
      topic,
      headers: () => followerHeaders(record, state, host.groupId, host.clock.wallTime()),
      written: () => {
        if (!host.events.has('followed')) return;
        const waiting = lane.keys?.count(record.key) ?? 0;
        const at = { record, tier: route.tier, totalAttempts: state.attempts };
        host.events.emit('followed', { ...at, topic, nextTier: tierNumber, waiting });
      },
      never: () => lane.keys?.unsent(topic, record, state.offset),
      again: () => join(prepared, ahead, host, lane),
    },
  );
}
