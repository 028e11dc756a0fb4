import { ownRecord } from '../binding/own-record.js';
import type { KafkaRecord } from '../binding/record.js';
import { nextPass } from '../failures/passes.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';
import { moveOn } from './send-on.js';
import type { TierRecord } from './tier-record.js';

/**
 * A tier's record that has waited here, and is due later: it waits on in another copy, which is the same but for its place, so that
 * it holds back nobody here. No attempt is counted.
 *
 * @returns false if it is due
 */
export function passOn(
  record: KafkaRecord,
  tierRecord: TierRecord,
  host: AttemptHost,
  lane: AttemptLane,
): boolean {
  if (tierRecord.until <= host.clock.now()) return false;
  ownRecord(record);
  // Another one may be tried in its place.
  lane.flow.forget((other) => other === record);
  waitOn(record, tierRecord, host, lane);
  return true;
}

function waitOn(record: KafkaRecord, tierRecord: TierRecord, host: AttemptHost, lane: AttemptLane): void {
  const { state, attemptsHere, route, until } = tierRecord;
  const left = Math.max(0, until - host.clock.now());
  // A tier that was taken out of the configuration, without others: there is no way but its own.
  const ways = route.tiers.length > 0 ? route.tiers : [{ topic: record.topic, wait: route.wait }];
  const { topic } = nextPass(ways, left);
  const totalAttempts = state.attempts + attemptsHere;
  moveOn(
    { record, state: { ...state, attempts: totalAttempts }, route, host, lane },
    {
      topic,
      headers: () => [...record.headers],
      written: () => host.events.emit('deferred', { record, tier: route.tier, totalAttempts, topic, left }),
      again: () => waitOn(record, tierRecord, host, lane),
    },
  );
}
