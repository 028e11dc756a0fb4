import { type Duration, toMilliseconds } from '../durations/duration.js';
import type { RetryMetrics } from '../metrics/retry-metrics.js';
import { createRetrier } from '../retry/create-retrier.js';
import { exponential } from '../strategies/exponential.js';
import type { RetryStrategy } from '../strategies/strategy.js';
import { VeloError } from '../velo-error.js';
import type { ClientBinding, OutgoingHeader, OutgoingRecord } from './binding.js';
import { encodeHeaders } from './header-codec.js';
import { partitionForKey } from './partitioner.js';
import { partitionKey } from './record.js';

export interface ProducerMessage {
  readonly key?: Buffer | string | null | undefined;
  readonly value: Buffer | string | null;
  /** A name with several values is sent as several headers. */
  readonly headers?:
    | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
    | Iterable<OutgoingHeader>
    | undefined;
  /** @default by the key (murmur2, as Java's clients); without a key, one partition a send, in turn */
  readonly partition?: number | undefined;
  /** ms since 1970. @default the time of the send */
  readonly timestamp?: number | undefined;
}

type HeaderValue = Buffer | string | null;

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly ProducerMessage[];
}

/** Where a message was written. */
export interface RecordMetadata {
  readonly topic: string;
  readonly partition: number;
  /** Where the broker told it. */
  readonly offset: string | undefined;
}

export interface ProducerConfig {
  /** The waits between tries. @default exponential, 100 ms x 2, at most 5 s */
  readonly strategy?: RetryStrategy | undefined;
  /** How long a send is tried. @default 2 minutes, as Kafka's `delivery.timeout.ms` */
  readonly timeout?: Duration | undefined;
}

/** A producer that loses nothing: each record is written, or the send rejects. Doubles only after a lost acknowledgement. */
export interface VeloProducer extends AsyncDisposable {
  connect(): Promise<void>;
  /** One result for each message, in their order. @throws {VeloError} `VELO_RETRIES_EXHAUSTED`, `VELO_TIMEOUT`, or the client's own error where a retry cannot help */
  send(record: TopicMessages): Promise<RecordMetadata[]>;
  sendBatch(batch: { readonly topicMessages: readonly TopicMessages[] }): Promise<RecordMetadata[]>;
  disconnect(): Promise<void>;
}

const DEFAULT_STRATEGY = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** How long a partition count is believed, ms; librdkafka's and Java's metadata live for 5 minutes. */
const METADATA_AGE = 60_000;

export interface ProducerOptions extends ProducerConfig {
  readonly open: () => ClientBinding;
  readonly metrics: RetryMetrics;
  readonly now: () => number;
}

export function createProducer(options: ProducerOptions): VeloProducer {
  return new Producer(options);
}

class Producer implements VeloProducer {
  readonly #options: ProducerOptions;
  readonly #retrier: ReturnType<typeof createRetrier>;
  readonly #counts = new Map<string, { readonly count: number; readonly until: number }>();
  #client: ClientBinding | undefined;
  #closed = false;
  /** Where the next send without a key goes. */
  #turn = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
    this.#retrier = createRetrier({
      strategy: options.strategy ?? DEFAULT_STRATEGY,
      maxAttempts: Number.POSITIVE_INFINITY,
      timeout: toMilliseconds(options.timeout ?? 120_000, 'timeout', { min: 1 }),
      metrics: options.metrics,
    });
  }

  async connect(): Promise<void> {
    this.#open();
  }

  send(record: TopicMessages): Promise<RecordMetadata[]> {
    return this.sendBatch({ topicMessages: [record] });
  }

  async sendBatch({
    topicMessages,
  }: {
    readonly topicMessages: readonly TopicMessages[];
  }): Promise<RecordMetadata[]> {
    const client = this.#open();
    const groups = new Map<string, Delivery[]>();
    const deliveries: Delivery[] = [];
    for (const { topic, messages } of topicMessages) {
      const highest = messages.reduce((max, { partition = 0 }) => Math.max(max, partition), 0);
      const partitions = await this.#partitionCount(client, topic, highest);
      const turn = this.#turn++;
      for (const message of messages) {
        const delivery = { record: toRecord(topic, message, partitions, turn, client), offset: undefined };
        const key = partitionKey(topic, delivery.record.partition);
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [delivery]);
        else group.push(delivery);
        deliveries.push(delivery);
      }
    }
    const sent = await Promise.allSettled([...groups.values()].map((group) => this.#deliver(client, group)));
    for (const result of sent) if (result.status === 'rejected') throw result.reason;
    return deliveries.map(({ record: { topic, partition }, offset }) => ({ topic, partition, offset }));
  }

  async disconnect(): Promise<void> {
    this.#closed = true;
    await this.#client?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disconnect();
  }

  /** Writes the records of one partition; only those that were refused are sent again, in their order. */
  async #deliver(client: ClientBinding, group: readonly Delivery[]): Promise<void> {
    let left = group;
    await this.#retrier.run(async () => {
      const outcomes = await client.publish(left.map(({ record }) => record));
      let error: unknown;
      left = left.filter((delivery, i) => {
        const outcome = outcomes[i];
        if (outcome?.written) {
          delivery.offset = outcome.offset;
          return false;
        }
        error = outcome?.error;
        return true;
      });
      if (left.length > 0) {
        this.#counts.delete((left[0] as Delivery).record.topic);
        throw error;
      }
    });
  }

  /** Asks again for a partition that is beyond what is known: the topic may have grown. */
  #partitionCount(client: ClientBinding, topic: string, highest: number): Promise<number> | number {
    const known = this.#counts.get(topic);
    if (known !== undefined && known.until > this.#options.now() && known.count > highest) return known.count;
    return this.#retrier.run(async () => {
      const count = await client.partitionCount(topic);
      if (count === 0)
        throw Object.assign(new Error(`Unknown topic or partition: ${topic}`), {
          name: 'KafkaError',
          code: 3,
        });
      this.#counts.set(topic, { count, until: this.#options.now() + METADATA_AGE });
      return count;
    });
  }

  #open(): ClientBinding {
    if (this.#closed)
      throw new VeloError(
        'VELO_CLOSED',
        'The producer is disconnected; make a new one with velo.producer().',
      );
    this.#client ??= this.#options.open();
    return this.#client;
  }
}

interface Delivery {
  readonly record: OutgoingRecord;
  offset: string | undefined;
}

function toRecord(
  topic: string,
  message: ProducerMessage,
  partitions: number,
  turn: number,
  client: ClientBinding,
): OutgoingRecord {
  const key = message.key ?? null;
  const partition =
    message.partition ??
    (key === null
      ? turn % partitions
      : partitionForKey(typeof key === 'string' ? new TextEncoder().encode(key) : key, partitions));
  if (!(Number.isInteger(partition) && partition >= 0 && partition < partitions)) {
    throw new VeloError(
      'VELO_INVALID_OPTION',
      `partition is ${partition}, but ${topic} has the partitions 0 to ${partitions - 1}.`,
    );
  }
  return {
    topic,
    partition,
    key,
    value: message.value ?? null,
    headers: encodeHeaders(toHeaders(message.headers), client.capabilities),
    timestamp: message.timestamp,
  };
}

function toHeaders(headers: ProducerMessage['headers']): readonly OutgoingHeader[] {
  if (headers === undefined || headers === null) return [];
  if (Symbol.iterator in headers) return [...headers];
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: HeaderValue) => [name, one] as const),
  );
}
