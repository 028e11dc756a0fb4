import { Kafka, logLevel } from 'kafkajs';

/** kafkajs as it comes, without its own log: velo's events tell what happens. */
export function plainKafka(brokers: readonly string[]): Kafka {
  return new Kafka({ clientId: 'velo-demo', brokers: [...brokers], logLevel: logLevel.NOTHING });
}

/** The end of each partition that holds anything, by `topic/partition`. */
export async function endsOf(kafka: Kafka, topics: readonly string[]): Promise<Map<string, bigint>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const ends = new Map<string, bigint>();
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (BigInt(high) > BigInt(low)) ends.set(`${topic}/${partition}`, BigInt(high));
      }
    }
    return ends;
  } finally {
    await admin.disconnect();
  }
}

/** Takes the topics of a run away. */
export async function deleteTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    await admin.deleteTopics({ topics: [...topics] });
  } finally {
    await admin.disconnect();
  }
}

/** A broker that cannot delete groups lets this one expire. */
export async function forgetGroup(kafka: Kafka, groupId: string): Promise<void> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await admin.deleteGroups([groupId]);
  } catch {
    // Nothing depends on it.
  } finally {
    await admin.disconnect();
  }
}
