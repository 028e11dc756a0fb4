import { type HandlerContext, type KafkaRecord, PermanentError, type Velo } from '@velo/kafkajs';
import type { Attempt } from '../attempt.js';
import { NAMINGS, type Naming } from './namings.js';

/** ms. velo reckons a wait by the monotonic clock, which the time of day leaves by a little in between. */
const CLOCKS = 50;

export interface VeloSettings {
  readonly groupOf: (naming: Naming) => string;
  readonly topicOf: (naming: Naming) => string;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** Starts a consumer for each naming on one topic each, as a group that Spring has, too. */
export async function startConsumers(
  velo: Velo,
  { groupOf, topicOf, onAttempt }: VeloSettings,
): Promise<void> {
  const handler = (record: KafkaRecord, { totalAttempts }: HandlerContext): void => {
    onAttempt(asAttempt(record, totalAttempts));
    handle(String(record.value), totalAttempts);
  };
  const consumers = NAMINGS.map((each) =>
    velo.consumer({
      groupId: groupOf(each),
      topics: [topicOf(each)],
      startFrom: 'earliest',
      retry: {
        naming: each.naming,
        tiers: each.tiers,
        headers: 'spring',
        inPlace: { maxAttempts: 1 },
      },
      handler,
    }),
  );
  await Promise.all(consumers.map((consumer) => consumer.start()));
}

/** As Spring's listener does, but for `permanent`, which only velo has a way to say. */
function handle(value: string, attempt: number): void {
  if (value === 'permanent') throw new PermanentError('never');
  if (value !== 'pass' && value !== `pass at ${attempt}`) throw new Error('not yet');
}

function asAttempt(record: KafkaRecord, attempt: number): Attempt {
  return {
    by: 'velo',
    topic: record.topic,
    value: String(record.value),
    key: record.key && String(record.key),
    bytes: record.headers.get('bytes')?.toString('hex'),
    attempt,
    early: Date.now() < dueOf(record) - CLOCKS,
  };
}

/** ms since 1970; 0 where the record does not wait. */
function dueOf({ headers }: KafkaRecord): number {
  const due = headers.get('retry_topic-backoff-timestamp');
  return due ? Number(`0x${due.toString('hex')}`) : 0;
}
