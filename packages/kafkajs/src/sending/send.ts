import type { OutgoingRecord } from '@velo/engine';
import type { KafkaJsProduced, KafkaJsProducer } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { brokerCode, isNoLeader, refusedPartition, unknownPartition } from '../errors.js';
import { compressionOf, toMessage } from './messages.js';

/** UNKNOWN_TOPIC_OR_PARTITION, LEADER_NOT_AVAILABLE, NOT_LEADER_OR_FOLLOWER: the producer's metadata may be at fault. */
const STALE_METADATA: ReadonlySet<number | undefined> = new Set([3, 5, 6]);
/**
 * INVALID_TOPIC_EXCEPTION, TOPIC_AUTHORIZATION_FAILED: a kafkajs producer also fails with these because of another
 * topic that it was asked for earlier. Nothing was written then.
 */
export const MAYBE_OTHER_TOPIC: ReadonlySet<number | undefined> = new Set([17, 29]);

/**
 * Sends records of one partition: over several, kafkajs loses one when a leader moves.
 *
 * @returns the offset of the first one, if the broker told it
 */
export async function send(
  producer: Connection<KafkaJsProducer>,
  records: readonly OutgoingRecord[],
): Promise<string | undefined> {
  try {
    return await sendOnce(producer, records);
  } catch (error) {
    if (!MAYBE_OTHER_TOPIC.has(brokerCode(error))) throw error;
    return sendOnce(producer, records);
  }
}

async function sendOnce(
  producer: Connection<KafkaJsProducer>,
  records: readonly OutgoingRecord[],
): Promise<string | undefined> {
  const { topic, partition } = records[0] as OutgoingRecord;
  const messages = records.map(toMessage);
  return producer.use(async (client) => {
    const answers = await client.send({ topic, messages, acks: -1, ...compressionOf(records) });
    return checkAnswer(answers, topic, partition).baseOffset;
  }, isVerdict);
}

/** @throws if the broker has not said that it has written to this very partition */
export function checkAnswer(
  answers: readonly KafkaJsProduced[],
  topic: string,
  partition: number,
): KafkaJsProduced {
  const answer = answers.find(
    (candidate) => candidate.topicName === topic && candidate.partition === partition,
  );
  if (answer === undefined) throw unknownPartition(topic, partition);
  if (answer.errorCode !== 0) throw refusedPartition(topic, partition, answer.errorCode);
  return answer;
}

/** A broker has answered, or the metadata have, and a producer with fresh metadata would get the same answer. */
function isVerdict(error: unknown): boolean {
  if (isNoLeader(error)) return true;
  const code = brokerCode(error);
  return code !== undefined && !STALE_METADATA.has(code) && !MAYBE_OTHER_TOPIC.has(code);
}
