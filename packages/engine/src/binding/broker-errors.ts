import { formatDuration } from '@velo/retry-core';

/** Shaped like a client's network error, so that it counts as one that passes. */
export function unanswered(limit: number): Error {
  return Object.assign(new Error(`The brokers have not answered within ${formatDuration(limit)}`), {
    name: 'KafkaError',
    code: 'ETIMEDOUT',
  });
}

/** What the brokers answer for a missing topic: UNKNOWN_TOPIC_OR_PARTITION. */
export function missingTopic(topic: string): Error {
  return Object.assign(new Error(`Unknown topic or partition: ${topic}`), { name: 'KafkaError', code: 3 });
}

/** What the brokers answer for a partition that nobody leads: LEADER_NOT_AVAILABLE. */
export function leaderMissing(topic: string, partition: number): Error {
  return Object.assign(new Error(`Partition ${partition} of ${topic} has no leader`), {
    name: 'KafkaError',
    code: 5,
  });
}
