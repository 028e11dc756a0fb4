import type { Clock } from '@velo/retry-core';
import { classifyKafkaError, foreignMessage } from '@velo/retry-core';
import type { ClientBinding, OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import type { TopicPartition } from '../binding/record.js';
import { bytesOf } from './backlog.js';

/** Bytes. What a topic takes by default fits into a request of any broker. */
const LARGE = 1_000_000;
/**
 * So many unanswered sends in a row, each followed by an answer to a small request, count as MESSAGE_TOO_LARGE. If it
 * was the network after all, the copy only goes compressed for it: each further form of the copy needs as many sends
 * again.
 */
const ENOUGH = 3;
/** For the answer to the small request, ms. */
const ANSWER_LIMIT = 5_000;

/**
 * A broker whose `socket.request.max.bytes` is below the default closes the connection over a larger request and says
 * nothing. No client can tell that from a failing network, and would try without end. So after each send of a large
 * record that no broker has answered, the partition's leader is asked for something small. If it answers three times
 * in a row, the record is taken to be too large for it.
 */
export class UnansweredSends {
  readonly #client: Pick<ClientBinding, 'offsets'>;
  readonly #clock: Clock;
  readonly #times = new WeakMap<OutgoingRecord, number>();

  constructor(client: Pick<ClientBinding, 'offsets'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** Why the record was not written: the error as it is, or MESSAGE_TOO_LARGE. */
  async judge(record: OutgoingRecord, error: unknown): Promise<unknown> {
    if (bytesOf(record) <= LARGE || isAnswered(error)) return error;
    const times = (await this.#answers(record)) ? (this.#times.get(record) ?? 0) + 1 : 0;
    this.#times.set(record, times);
    return times < ENOUGH ? error : cutOff(record, error);
  }

  /** The same of each record of a send. */
  judgeAll(
    records: readonly OutgoingRecord[],
    outcomes: readonly PublishOutcome[],
  ): Promise<readonly PublishOutcome[]> | readonly PublishOutcome[] {
    if (outcomes.every(({ written }) => written)) return outcomes;
    return Promise.all(
      outcomes.map(async (outcome, i) =>
        outcome.written
          ? outcome
          : { written: false, error: await this.judge(records[i] as OutgoingRecord, outcome.error) },
      ),
    );
  }

  async #answers({ topic, partition }: TopicPartition): Promise<boolean> {
    const answer = Promise.all(this.#client.offsets([{ topic, partition }])).then(
      () => true,
      () => false,
    );
    return (await within(ANSWER_LIMIT, answer, this.#clock)) === true;
  }
}

/**
 * Whether a broker has answered. An error that is not of the network says nothing about size, and counts as an
 * answer.
 */
function isAnswered(error: unknown): boolean {
  const { category, code = 0 } = classifyKafkaError(error);
  return category !== 'NetworkIssue' || code > 0;
}

/** Has no `cause`, so that nobody takes it for a failure of the network after all. */
function cutOff(record: OutgoingRecord, last: unknown): Error {
  const message = `A record of ${bytesOf(record)} bytes for ${record.topic}, partition ${record.partition}, was sent ${ENOUGH} times, and no answer came, though the broker answered other requests each time: it closes connections over requests that are larger than its socket.request.max.bytes (the client said: ${foreignMessage(last)})`;
  return Object.assign(new Error(message), { name: 'KafkaError', code: 10 });
}
