import { formatDuration } from '@velo/retry-core';
import { withoutLeader } from './client-errors.js';

/** Shaped like a client's network error, so that it counts as one that passes. */
export function unanswered(limit: number): Error {
  const message = `The brokers have not answered within ${formatDuration(limit)}. Nothing was read or written, and nothing is lost. Look whether they can be reached from here, by the addresses that they tell (advertised.listeners).`;
  return Object.assign(new Error(message), { name: 'KafkaError', code: 'ETIMEDOUT' });
}

/** What the brokers answer for a missing topic: UNKNOWN_TOPIC_OR_PARTITION. */
export function missingTopic(topic: string): Error {
  const message = `Unknown topic or partition: ${topic}. Nothing was read or written there, and nothing is lost. Create it, or mend its name where it is configured.`;
  return Object.assign(new Error(message), { name: 'KafkaError', code: 3, topic });
}

/** What the brokers answer for a partition that nobody leads: LEADER_NOT_AVAILABLE. */
export function leaderMissing(topic: string, partition: number): Error {
  return Object.assign(new Error(withoutLeader(topic, partition)), { name: 'KafkaError', code: 5 });
}
