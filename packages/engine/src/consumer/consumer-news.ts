import { explainKafkaError, foreignMessage } from '@velo/retry-core';
import type { TopicPartition } from '../binding/record.js';
import { lacksRights } from '../failures/client-error.js';
import { explainSilence, type Silence } from '../observing/contact-watch.js';
import type { ConsumerEvent, Emitter } from '../observing/events.js';
import { explainUnread } from '../observing/unread-watch.js';
import type { FieldLogger } from '../plan/safe-logger.js';
import { adviseOnRights } from '../sending/patience.js';
import { explainScattered } from './explain-scattered.js';
import { explainUnknownPositions } from './explain-unknown-positions.js';
import type { SeldomLog } from './seldom-log.js';

export interface ConsumerNewsOptions {
  readonly groupId: string;
  readonly events: Emitter;
  readonly logger: FieldLogger;
  readonly log: SeldomLog;
}

/** A rebalance makes some fail in a row: told are commits that have failed for about 2 s. */
const FAILED_COMMITS_TOLD = 5;

/** What a consumer's parts find out, told to people in its log and to programs as an event. */
export class ConsumerNews {
  readonly #groupId: string;
  readonly #events: Emitter;
  readonly #logger: FieldLogger;
  readonly #log: SeldomLog;

  constructor({ groupId, events, logger, log }: ConsumerNewsOptions) {
    this.#groupId = groupId;
    this.#events = events;
    this.#logger = logger;
    this.#log = log;
    events.on('positionReset', ({ topic, partition, from, to, reason, explanation }) =>
      logger.warn(explanation, { event: 'positionReset', topic, partition, from, to, reason }),
    );
    events.on('offsetOutOfRange', ({ topic, partition, from, to, passedOver, explanation }) =>
      logger.warn(
        explanation ??
          `Records of ${topic}, partition ${partition}, were deleted before they were read: it goes on at ${to} instead of ${from}, and ${passedOver} are missed at the most. They are lost to this group; a longer retention.ms, or more members, keeps it from happening again.`,
        { event: 'offsetOutOfRange', topic, partition, from, to, passedOver },
      ),
    );
  }

  /** @param delay until the next member joins, or the next start, ms */
  crashed(error: unknown, restart: number, delay: number, starting: boolean): void {
    const what = starting ? 'could not start; the next attempt is' : 'has crashed; a new one starts';
    const advice = adviseOnRights(error, { groupId: this.#groupId });
    const why = foreignMessage(error);
    this.#log.tell(
      'crashed',
      [error],
      'warn',
      `The consumer of group ${this.#groupId} ${what} in ${delay} ms: ${why}${advice}`,
      { event: 'crashed', restart, delay, error: why },
    );
    this.#events.emit('crashed', { error, restart, delay });
  }

  /** A new member has joined after a crash, as the `restart`-th in a row. */
  restarted(restart: number): void {
    this.#logger.info(`The consumer of group ${this.#groupId} has joined again, by restart ${restart}.`, {
      event: 'restarted',
      restart,
    });
    this.#events.emit('restarted', { restart });
  }

  /** A copy, or a transaction with copies, was not written; it is sent again after `delay` ms. */
  publishFailed({ topic, partition }: TopicPartition, error: unknown, delay: number): void {
    const explanation = explainKafkaError(error, { topic });
    const what = lacksRights(error) ? 'are refused' : 'could not be written';
    const why = foreignMessage(error);
    this.#log.tell(
      'publishFailed',
      [topic, error],
      'warn',
      `Copies to ${topic}, partition ${partition}, ${what}; they are sent again in ${delay} ms: ${why}${adviseOnRights(error, { topic })}`,
      { event: 'publishFailed', topic, partition, delay, error: why },
    );
    this.#events.emit('publishFailed', { topic, partition, error, delay, explanation });
  }

  /** @param inARow how many have failed one after the other */
  commitFailed(error: unknown, inARow: number): void {
    const why = foreignMessage(error);
    if (inARow >= FAILED_COMMITS_TOLD)
      this.#log.tell(
        'commitFailed',
        [error],
        'warn',
        `Offsets of group ${this.#groupId} could not be committed, ${inARow} times in a row; they are tried again: ${why}. Nothing is lost: what was handled since comes again if this process ends before.${adviseOnRights(error, { groupId: this.#groupId })}`,
        { event: 'commitFailed', inARow, error: why },
      );
    this.#events.emit('commitFailed', { error });
  }

  metadataRefused(): void {
    this.#logger.warn(
      `The brokers refuse the metadata of commits of group ${this.#groupId} as too large. Nothing is lost, and the offsets are committed without them: what has finished beyond a committed offset comes again after a crash or a rebalance. Raise offset.metadata.max.bytes of the brokers (4,096 by default) to spare that.`,
    );
  }

  /** These positions are asked for again after `delay` ms. */
  positionFailed(partitions: readonly TopicPartition[], error: unknown, delay: number): void {
    const explanation = explainUnknownPositions(this.#groupId, partitions, error, delay);
    this.#log.tell('positionFailed', [error], 'warn', explanation, {
      event: 'positionFailed',
      delay,
      error: foreignMessage(error),
    });
    this.#events.emit('positionFailed', { partitions, error, delay, explanation });
  }

  /** @param partitions that nobody in the group reads; none: that is over */
  unread(partitions: readonly TopicPartition[]): void {
    const over = partitions.length === 0;
    const explanation = over
      ? `All partitions of group "${this.#groupId}" are read again.`
      : explainUnread(this.#groupId, partitions);
    this.#tell(explanation, over, 'unread');
    this.#events.emit('unread', { partitions, explanation });
  }

  /** @param partitions whose keys cannot keep their order in this assignment; none: that is over */
  scattered(partitions: readonly TopicPartition[]): void {
    const over = partitions.length === 0;
    const explanation = over
      ? `Sources and tiers of group "${this.#groupId}" are together again.`
      : explainScattered(this.#groupId, partitions);
    this.#tell(explanation, over, 'scattered');
    this.#events.emit('scattered', { partitions, explanation });
  }

  /** A broker does not answer the member; `undefined`: that is over. */
  silence(silence: Silence | undefined): void {
    const explanation = silence
      ? explainSilence(this.#groupId, silence)
      : `All brokers answer the member of group "${this.#groupId}" again.`;
    this.#tell(explanation, silence === undefined, 'disconnected');
    this.#events.emit('disconnected', { from: silence?.from, silent: silence?.time ?? 0, explanation });
  }

  #tell(explanation: string, over: boolean, event: ConsumerEvent): void {
    if (over) this.#logger.info(explanation, { event });
    else this.#logger.warn(explanation, { event });
  }
}
