import { randomUUID } from 'node:crypto';
import { type DeadLetterInfo, type KafkaRecord, readDeadLetter, type Velo } from '@velo/kafkajs';
import { type Check, compare } from '../report/checks.js';
import { until } from '../until.js';
import { BYTES, endOf, type Written } from './records.js';
import { READERS, type Stage } from './stage.js';

/** What a dead letter must say, and its record must be. */
export interface ExpectedLetter extends Partial<Omit<DeadLetterInfo, 'error'>> {
  readonly deadLetterTopic: string;
  readonly record: Written;
  readonly errorName: string;
  readonly errorCause?: string | undefined;
}

/** Of a record that is none. */
const NONE: Partial<DeadLetterInfo> = {};

/** Reads the dead letters with each client, and compares them with all that must be there. */
export async function checkDeadLetters(
  stage: Stage,
  system: string,
  expected: readonly ExpectedLetter[],
): Promise<readonly Check[]> {
  const topics = [...new Set(expected.map(({ deadLetterTopic }) => deadLetterTopic))];
  const checks: Check[] = [];
  for (const [client, open] of Object.entries(READERS)) {
    const velo = open(stage);
    try {
      const read = await readAll(stage, velo, topics);
      checks.push(
        compare(system, `dead letters, read with ${client}`, read.map(asRead), expected.map(asExpected)),
      );
    } finally {
      await velo.close();
    }
  }
  return checks;
}

function asExpected({ deadLetterTopic, record, ...info }: ExpectedLetter) {
  return {
    id: `${deadLetterTopic} ${record.value}`,
    topic: record.topic,
    partition: record.partition,
    offset: String(record.offset),
    timestamp: record.timestamp,
    key: record.key,
    bytes: BYTES,
    ...info,
  };
}

function asRead(record: KafkaRecord) {
  const { error, ...info } = readDeadLetter(record) ?? NONE;
  return {
    id: `${record.topic} ${record.value}`,
    key: String(record.key),
    bytes: record.headers.get('bytes')?.toString('hex'),
    errorName: error?.name,
    errorCause: error?.cause,
    ...info,
  };
}

/** All records that stand in the topics now. */
async function readAll(stage: Stage, velo: Velo, topics: readonly string[]): Promise<readonly KafkaRecord[]> {
  const ends = await Promise.all(topics.map((topic) => endOf(stage, topic)));
  const count = ends.reduce((sum, end) => sum + end, 0);
  const records: KafkaRecord[] = [];
  const consumer = velo.consumer({
    groupId: `${stage.prefix}-reader-${randomUUID()}`,
    topics,
    startFrom: 'earliest',
    exhausted: { action: 'stop' },
    handler: (record: KafkaRecord) => void records.push(record),
  });
  await consumer.start();
  await until(`${count} dead letters are read`, () => records.length >= count);
  return records;
}
