import { type ConsumerListeners, HOLD_REASONS, type ObservedConsumer } from '@velo/engine';
import { categorizeKafkaError } from '@velo/retry-core';
import type { Metered } from './metered.js';

const REASONS_TO_GIVE_UP = ['permanent', 'exhausted', 'refused'] as const;

/** What each event of a consumer counts as. @param stopped called when it has ended */
export function consumerListeners(
  { groupId: group, topics, placeOf }: ObservedConsumer,
  metered: Metered,
  stopped: () => void,
): ConsumerListeners {
  const labels = (topic: string) => ({ group, topic: placeOf(topic).source });
  const failed = (topic: string, totalAttempts: number) =>
    metered.records.inc({
      ...labels(topic),
      kind: totalAttempts > 1 ? 'failed_with_retry' : 'failed_without_retry',
    });
  startAtZero(group, topics, metered);
  return {
    retry: ({ record, delay }) =>
      metered.retryWait.observe({ ...labels(record.topic), place: 'in_place' }, delay / 1_000),
    late: ({ record, tier, lateness }) =>
      metered.lateness.observe({ ...labels(record.topic), tier: String(tier) }, lateness / 1_000),
    handOff: ({ record, nextTier, delay, category }) => {
      metered.handOffs.inc({ ...labels(record.topic), tier: String(nextTier), category });
      metered.retryWait.observe({ ...labels(record.topic), place: 'tier' }, delay / 1_000);
    },
    followed: ({ record, nextTier }) =>
      metered.followed.inc({ ...labels(record.topic), tier: String(nextTier) }),
    deferred: ({ record, tier }) => metered.deferred.inc({ ...labels(record.topic), tier: String(tier) }),
    deadLetter: ({ record, totalAttempts, reason }) => {
      metered.deadLetters.inc({ ...labels(record.topic), reason });
      failed(record.topic, totalAttempts);
    },
    skipped: ({ record, totalAttempts, reason }) => {
      metered.skipped.inc({ ...labels(record.topic), reason });
      failed(record.topic, totalAttempts);
    },
    misrouted: ({ record }) => metered.misrouted.inc(labels(record.topic)),
    publishFailed: ({ topic: target, error }) =>
      metered.publishFailures.inc({ group, target, category: categorizeKafkaError(error) }),
    publishRefused: ({ record }) => metered.refusedCopies.inc(labels(record.topic)),
    commitFailed: ({ error }) => metered.commitFailures.inc({ group, category: categorizeKafkaError(error) }),
    positionFailed: ({ error }) =>
      metered.positionFailures.inc({ group, category: categorizeKafkaError(error) }),
    offsetOutOfRange: ({ topic, passedOver }) => metered.passedOver.inc(labels(topic), passedOver),
    positionReset: ({ topic, reason }) => metered.positionResets.inc({ ...labels(topic), reason }),
    held: ({ topic, reason }) => metered.holds.inc({ ...labels(topic), reason }),
    stalled: ({ record, tier }) => metered.stalls.inc({ ...labels(record.topic), tier: String(tier) }),
    wait: ({ topic }) => metered.topicWaits.inc(labels(topic)),
    assigned: () => metered.rebalances.inc({ group }),
    disconnected: ({ from }) => {
      if (from !== undefined) metered.disconnections.inc({ group });
    },
    crashed: () => metered.crashes.inc({ group }),
    restarted: () => metered.restarts.inc({ group }),
    stopped,
  };
}

/** A counter that begins with its first event shows no increase by it: those that alerts look at begin at 0. */
function startAtZero(group: string, topics: readonly string[], metered: Metered): void {
  for (const of of [metered.rebalances, metered.disconnections, metered.crashes, metered.restarts])
    of.inc({ group }, 0);
  for (const topic of topics) {
    const labels = { group, topic };
    for (const of of [metered.misrouted, metered.refusedCopies, metered.passedOver, metered.topicWaits])
      of.inc(labels, 0);
    for (const reason of REASONS_TO_GIVE_UP)
      for (const of of [metered.deadLetters, metered.skipped]) of.inc({ ...labels, reason }, 0);
    for (const reason of HOLD_REASONS) metered.holds.inc({ ...labels, reason }, 0);
    for (const kind of ['failed_without_retry', 'failed_with_retry'])
      metered.records.inc({ ...labels, kind }, 0);
  }
}
