// One file, since it is one way: a message's partition, its attempts, the brokers' answer.
import type { Clock, RetryMetrics, RetryStrategy } from '@velo/retry-core';
import {
  createRetrier,
  type Duration,
  exponential,
  isVeloError,
  judge,
  type Retrier,
  RetriesExhaustedError,
  toMilliseconds,
  VeloError,
} from '@velo/retry-core';
import type { ClientBinding, ClientCapabilities, OutgoingRecord } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { encodeHeaders } from '../binding/header-codec.js';
import type { Observers, ProducerWatch } from '../observing/observers.js';
import { watchClient } from '../observing/operation-watch.js';
import type { SendUnderWatch } from '../observing/write-watch.js';
import { RecordWriter } from '../sending/record-writer.js';
import { UnansweredSends } from '../sending/unanswered-sends.js';
import { checkBatch } from './check-batch.js';
import { PartitionCounts, type Partitions } from './partition-counts.js';
import { type TopicMessages, toRecord } from './producer-message.js';

/** Where a message was written. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** Where the broker told it. */
  readonly offset: string | undefined;
}

export interface ProducerConfig {
  /** The waits between attempts. @default exponential, 100 ms x 2, at most 5 s */
  readonly strategy?: RetryStrategy | undefined;
  /** How long a send is tried. @default 2 minutes, as Kafka's `delivery.timeout.ms` */
  readonly timeout?: Duration | undefined;
}

export const PRODUCER_NAMES = { strategy: true, timeout: true } as const satisfies Record<
  keyof ProducerConfig,
  true
>;

/** A producer that loses nothing: each record is written, or the send rejects. Doubles only after a lost acknowledgement. */
export interface VeloProducer extends AsyncDisposable {
  /**
   * Connects now rather than at the first send, so that wrong brokers and credentials show at once.
   *
   * @throws {VeloError} `VELO_TIMEOUT` where the brokers cannot be reached within 30 s, or within the producer's
   *   `timeout` if that is shorter; the client's own error where a retry cannot help
   */
  connect(): Promise<void>;
  /**
   * One result for each message, in their order. Sends to one partition keep their order.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` before anything is sent, for a topic, a message or a value that is none
   * @throws {VeloError} `VELO_TIMEOUT` when the time is over, or the client's own error where a retry cannot help; some
   *   of several messages may have been written then
   */
  send(record: TopicMessages): Promise<RecordMetadata[]>;
  sendBatch(batch: { readonly topicMessages: readonly TopicMessages[] }): Promise<RecordMetadata[]>;
  /** Waits for the sends that are under way. */
  disconnect(): Promise<void>;
}

/** The waits between the attempts of a send, where none are given. */
export const SEND_STRATEGY = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** How long a send is tried, where nothing is said: as Kafka's `delivery.timeout.ms`. In ms. */
export const SEND_LIMIT = 120_000;
/** ms */
const CONNECT_LIMIT = 30_000;
export interface ProducerOptions extends ProducerConfig {
  readonly open: () => ClientBinding;
  readonly metrics: RetryMetrics;
  readonly clock: Clock;
  readonly observers: Observers;
  /** Told once it is disconnected. */
  readonly onClosed: () => void;
}

export function createProducer(options: ProducerOptions): VeloProducer {
  return new Producer(options);
}

class Producer implements VeloProducer {
  readonly #options: ProducerOptions;
  readonly #strategy: RetryStrategy;
  /** ms */
  readonly #timeout: number;
  readonly #partitions: PartitionCounts;
  readonly #watch: ProducerWatch;
  #opened: { readonly client: ClientBinding; readonly writer: RecordWriter } | undefined;
  #closing: Promise<void> | undefined;
  /** Where the next send without a key goes. */
  #turn = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#partitions = new PartitionCounts(options.clock);
    this.#watch = options.observers.producer();
    this.#strategy = options.strategy ?? SEND_STRATEGY;
    this.#timeout = toMilliseconds(options.timeout ?? SEND_LIMIT, 'timeout', { min: 1 });
  }

  async connect(): Promise<void> {
    const { client } = this.#open();
    await this.#retrier(Math.min(this.#timeout, CONNECT_LIMIT)).run(() => client.connect());
  }

  send(record: TopicMessages): Promise<RecordMetadata[]> {
    return this.sendBatch({ topicMessages: [record] });
  }

  async sendBatch({
    topicMessages,
  }: {
    readonly topicMessages: readonly TopicMessages[];
  }): Promise<RecordMetadata[]> {
    checkBatch(topicMessages);
    const { client, writer } = this.#open();
    const records: OutgoingRecord[] = [];
    for (const { topic, messages } of topicMessages) {
      const highest = messages.reduce((max, { partition = 0 }) => Math.max(max, partition), 0);
      const partitions = await this.#partitionsOf(client, topic, highest);
      const turn = this.#turn++;
      for (const message of messages)
        records.push(toRecord(topic, message, partitions, turn, client.capabilities));
    }
    const watched = this.#watch.sends?.({ records });
    if (watched === undefined) return this.#write(writer, records);
    return this.#writeWatched(writer, records, client.capabilities, watched);
  }

  disconnect(): Promise<void> {
    this.#closing ??= this.#close().finally(this.#options.onClosed);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  async #writeWatched(
    writer: RecordWriter,
    records: readonly OutgoingRecord[],
    capabilities: ClientCapabilities,
    watched: SendUnderWatch,
  ): Promise<RecordMetadata[]> {
    try {
      const written = await this.#write(
        writer,
        records.map((record) => ({
          ...record,
          headers: encodeHeaders(watched.headers(record), capabilities),
        })),
      );
      watched.ended('written');
      return written;
    } catch (error) {
      watched.ended(isVeloError(error, 'VELO_TIMEOUT') ? 'dropped' : 'refused', error);
      throw error;
    }
  }

  /** One promise for all records: they settle one by one, the send when the last of them has. */
  #write(writer: RecordWriter, records: readonly OutgoingRecord[]): Promise<RecordMetadata[]> {
    const { clock } = this.#options;
    const start = clock.now();
    return new Promise((resolve, reject) => {
      const written: RecordMetadata[] = [];
      let left = records.length;
      let failure: { readonly error: unknown } | undefined;
      let attempts = 0;
      let lastError: unknown;
      const settle = () => {
        if (--left > 0) return;
        if (failure === undefined) resolve(written);
        else reject(failure.error);
      };
      if (records.length === 0) resolve(written);
      for (const [i, record] of records.entries()) {
        const { topic, partition } = record;
        writer.add({
          record,
          wanted: () => lastError === undefined || clock.now() - start < this.#timeout,
          written: (offset) => {
            written[i] = { topic, partition, offset };
            settle();
          },
          failed: (error) => {
            this.#partitions.forget(topic);
            attempts++;
            lastError = error;
          },
          refused: (error) => {
            this.#partitions.forget(topic);
            failure ??= { error };
            settle();
          },
          dropped: () => {
            failure ??= { error: this.#gaveUp(record, attempts, clock.now() - start, lastError) };
            settle();
          },
        });
      }
    });
  }

  #gaveUp(
    { topic, partition }: OutgoingRecord,
    attempts: number,
    elapsed: number,
    cause: unknown,
  ): VeloError {
    if (cause === undefined) return closed();
    const { category } = judge(cause);
    const note = `A record for ${topic}, partition ${partition}, was not acknowledged: it may stand there or not. Send it again, or give the producer a longer timeout.`;
    return new RetriesExhaustedError({ code: 'VELO_TIMEOUT', attempts, elapsed, category, cause, note });
  }

  #partitionsOf(client: ClientBinding, topic: string, highest: number): Promise<Partitions> | Partitions {
    return (
      this.#partitions.known(topic, highest) ??
      this.#retrier(this.#timeout).run(() => this.#partitions.ask(client, topic))
    );
  }

  /** @param timeout ms */
  #retrier(timeout: number): Retrier {
    return createRetrier({ strategy: this.#strategy, maxAttempts: Number.POSITIVE_INFINITY, timeout });
  }

  async #close(): Promise<void> {
    if (this.#opened === undefined) return;
    const { client, writer } = this.#opened;
    await within(this.#timeout, writer.idle(), this.#options.clock);
    writer.close();
    await client.close();
  }

  #open(): { readonly client: ClientBinding; readonly writer: RecordWriter } {
    if (this.#closing !== undefined) throw closed();
    if (this.#opened === undefined) {
      const { open, metrics, clock } = this.#options;
      const client = watchClient(open(), this.#watch.operations);
      const { capabilities } = client;
      const unanswered = new UnansweredSends(client, clock);
      const publish = async (records: readonly OutgoingRecord[]) => {
        const outcomes = await unanswered.judgeAll(records, await client.publish(records));
        const failed = outcomes.find((outcome) => !outcome.written);
        if (failed === undefined || failed.written) metrics.recordAttemptWithSuccess();
        else metrics.recordAttemptWithError(judge(failed.error).category);
        return outcomes;
      };
      const strategy = this.#strategy;
      const writer = new RecordWriter({ capabilities, publish, strategy, onRetry: () => {}, clock });
      this.#opened = { client, writer };
    }
    return this.#opened;
  }
}

function closed(): VeloError {
  return new VeloError(
    'VELO_CLOSED',
    'The producer is disconnected: what it had not sent is not written, what was acknowledged stays. Make a new one with velo.producer().',
  );
}
