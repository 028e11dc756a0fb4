import { type HandlerContext, type KafkaRecord, PermanentError, type Velo } from '@velo/kafkajs';
import { NAMINGS, type Naming } from './namings.js';

/** One attempt of velo's handler. */
export interface VeloTry {
  /** Where it is, which record, which attempt in all topics. */
  readonly id: string;
  readonly tier: number;
  /** Whether a copy that waits was tried before its time. */
  readonly early: boolean;
}

/**
 * Starts a consumer for each naming on one topic each, as a group that Spring has, too. Its handler fails: for good with
 * the record `permanent`, else until attempts are used up.
 */
export async function startConsumers(
  velo: Velo,
  groupOf: (naming: Naming) => string,
  topicOf: (naming: Naming) => string,
) {
  const tries: VeloTry[] = [];
  const told = { handedOff: 0, deadLettered: 0 };
  const handler = (record: KafkaRecord, { tier, totalAttempts }: HandlerContext): never => {
    tries.push({
      id: `${record.topic} ${record.value} ${totalAttempts}`,
      tier,
      early: Date.now() < dueOf(record),
    });
    throw String(record.value) === 'permanent' ? new PermanentError('never') : new Error('not yet');
  };
  const consumers = NAMINGS.map((each) => {
    const { naming, tiers } = each;
    const consumer = velo.consumer({
      groupId: groupOf(each),
      topics: [topicOf(each)],
      startFrom: 'earliest',
      retry: { naming, tiers, headers: 'spring', inPlace: { maxAttempts: 1 } },
      handler,
    });
    consumer.on('handOff', () => told.handedOff++);
    consumer.on('deadLetter', () => told.deadLettered++);
    return consumer;
  });
  await Promise.all(consumers.map((consumer) => consumer.start()));
  return { tries, told };
}

/** ms since 1970; 0 where the record does not wait. */
function dueOf({ headers }: KafkaRecord): number {
  const due = headers.get('retry_topic-backoff-timestamp');
  return due ? Number(`0x${due.toString('hex')}`) : 0;
}
