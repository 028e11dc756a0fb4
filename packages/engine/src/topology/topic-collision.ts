import { classifyKafkaError } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { collides } from '../plan/topic-names.js';

/** INVALID_TOPIC_EXCEPTION: also of a legal name that Kafka holds to be another's. */
const INVALID_TOPIC = 17;

/**
 * Why a topic cannot be created, where that is the name of another: kafkajs drops what the broker says of it.
 *
 * @param wanted what was to be created together
 */
export async function explainCollision(
  client: ClientBinding,
  error: unknown,
  wanted: readonly string[],
): Promise<string | undefined> {
  if (classifyKafkaError(error).code !== INVALID_TOPIC) return undefined;
  const names = [...(await client.listTopics().catch(() => [])), ...wanted];
  for (const topic of wanted) {
    const other = names.find((name) => name !== topic && collides(name, topic));
    if (other !== undefined)
      return `The topic ${topic} collides with ${other}: to Kafka, names that differ in '.' and '_' alone are the same, and it makes only one of the two. Nothing is lost. Choose another name, or delete ${other} if nobody needs it.`;
  }
  return undefined;
}
