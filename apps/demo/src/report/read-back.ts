import { randomUUID } from 'node:crypto';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { endsOf, forgetGroup } from '../cluster/plain-kafka.js';
import type { DemoTopics } from '../cluster/topics.js';
import { DemoError } from '../demo-error.js';
import { printable } from '../format.js';
import { type DeadLetterNote, Tally, type TallyResult } from './tally.js';

/** Without any record for so long, ms, the reading has failed. */
const SILENCE_LIMIT = 30_000;

/** How long a broker may hold a fetch, ms: kafkajs waits for it before it disconnects. */
const MAX_WAIT = 100;

/**
 * Reads the topics themselves, from the first record to the last, with kafkajs alone: what is counted must not
 * depend on what is shown.
 */
export async function readBack(kafka: Kafka, topics: DemoTopics): Promise<TallyResult> {
  const tally = new Tally();
  await readTopics(
    kafka,
    [topics.source, topics.output, topics.deadLetters],
    (topic, { key, value, headers }) => {
      const identity = key?.toString() ?? '';
      const bytes = value ?? Buffer.alloc(0);
      if (topic === topics.source) tally.source(identity, bytes);
      else if (topic === topics.output) tally.output(identity, identityInside(bytes));
      else tally.deadLetter(identity, bytes, noteOf(headers ?? {}, bytes));
    },
  );
  return tally.result();
}

/** Calls `onRecord` for every record that the topics hold now. */
export async function readTopics(
  kafka: Kafka,
  topics: readonly string[],
  onRecord: (topic: string, message: KafkaMessage) => void,
): Promise<void> {
  const unread = await endsOf(kafka, topics);
  if (unread.size === 0) return;
  const groupId = `velo-demo-read-back-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: MAX_WAIT });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const silence = setTimeout(() => {
        reject(new DemoError(`the topics could not be read back: no record for ${SILENCE_LIMIT / 1_000} s`));
      }, SILENCE_LIMIT);
      const run = consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          silence.refresh();
          const partition = `${batch.topic}/${batch.partition}`;
          const end = unread.get(partition);
          if (end === undefined) return;
          for (const message of batch.messages) {
            if (BigInt(message.offset) < end) onRecord(batch.topic, message);
          }
          if (BigInt(batch.lastOffset()) + 1n >= end) unread.delete(partition);
          if (unread.size === 0) {
            clearTimeout(silence);
            resolve();
          }
        },
      });
      run.catch(reject);
    });
  } finally {
    await consumer.disconnect();
    await forgetGroup(kafka, groupId);
  }
}

function identityInside(bytes: Buffer): unknown {
  try {
    return (JSON.parse(bytes.toString()) as { identity?: unknown }).identity;
  } catch {
    return undefined;
  }
}

/** What velo's headers say; the text before `: ` is the same for all films of one reason. */
function noteOf(headers: NonNullable<KafkaMessage['headers']>, bytes: Buffer): DeadLetterNote {
  const message = headers['velo-error-message']?.toString() ?? 'no reason given';
  const reason = message.split(': ')[0] ?? message;
  return { reason: printable(reason), example: printable(bytes.toString()) };
}
