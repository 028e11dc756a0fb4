import { setTimeout as sleep } from 'node:timers/promises';
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
/** ms, between records that are written until something is over. A container of Spring's takes half a second for a failure. */
const PAUSE = 1_000;

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

/** Writes records that fail to each topic, again and again, until `end` is over: some are under way at that moment. */
export async function writeUntil(
  stage: Stage,
  topics: readonly string[],
  end: Promise<void>,
): Promise<readonly Written[]> {
  const written: Written[] = [];
  let over = false;
  const noted = end.finally(() => {
    over = true;
  });
  for (let n = 1; !over; n += PARTITIONS) {
    const values = Array.from({ length: PARTITIONS }, (_, i) => `fail ${n + i}`);
    written.push(...(await write(stage, topics, values)));
    await Promise.race([noted, sleep(PAUSE)]);
  }
  await noted;
  return written;
}

/** The sum of the ends of all partitions. */
export async function endOf({ admin }: Stage, topic: string): Promise<number> {
  const ends = await patiently(`the end of ${topic}`, () => admin.fetchTopicOffsets(topic));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}
