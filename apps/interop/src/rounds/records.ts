import { patiently } from '../until.js';
import type { Stage } from './stage.js';

/** A record as it stands in its topic. */
export interface Written {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970 */
  readonly timestamp: number;
  readonly key: string;
  /** Says what becomes of it. */
  readonly value: string;
}

/** A header that is no text; all records have it. In hex. */
export const BYTES = '00ff8001';
/** Of the sources. */
const PARTITIONS = 2;

export async function createTopics(stage: Stage, topics: readonly string[]): Promise<void> {
  const specs = topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 }));
  await stage.admin.createTopics({ topics: specs, waitForLeaders: false });
  for (const topic of topics) await endOf(stage, topic);
}

/** Writes the values to each topic, to its partitions in turn. */
export async function write(
  { kafka }: Stage,
  topics: readonly string[],
  values: readonly string[],
): Promise<readonly Written[]> {
  const producer = kafka.producer();
  await producer.connect();
  const written: Written[] = [];
  try {
    for (const topic of topics) {
      for (const [i, value] of values.entries()) {
        const partition = i % PARTITIONS;
        const timestamp = Date.now() - 60_000 - i;
        const key = `key of ${value}`;
        const headers = { bytes: Buffer.from(BYTES, 'hex') };
        const messages = [{ partition, key, value, headers, timestamp: String(timestamp) }];
        const [result] = await producer.send({ topic, messages });
        written.push({ topic, partition, offset: Number(result?.baseOffset), timestamp, key, value });
      }
    }
  } finally {
    await producer.disconnect();
  }
  return written;
}

/** The sum of the ends of all partitions. */
export async function endOf({ admin }: Stage, topic: string): Promise<number> {
  const ends = await patiently(`the end of ${topic}`, () => admin.fetchTopicOffsets(topic));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

/** The sum of what the group has committed of all partitions. */
export async function committedBy({ admin }: Stage, groupId: string, topic: string): Promise<number> {
  const [offsets] = await patiently(`what ${groupId} has committed`, () =>
    admin.fetchOffsets({ groupId, topics: [topic] }),
  );
  return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}
