/**
 * The part that velo uses of the API of librdkafka's clients, typed by shape: no types of theirs are needed in a user's
 * project, and a library that speaks it fits too. Methods, not properties, so that stricter parameters stay assignable.
 */
export interface RdKafka {
  readonly KafkaConsumer: new (global: RdKafkaProperties, topic: RdKafkaProperties) => RdKafkaConsumer;
  readonly Producer: new (global: RdKafkaProperties, topic: RdKafkaProperties) => RdKafkaProducer;
  readonly AdminClient: { create(global: RdKafkaProperties, more?: unknown): RdKafkaAdmin };
  /** What librdkafka was built with, codecs among it. */
  readonly features?: readonly string[];
}

/** librdkafka's properties by name, the clients' callbacks among them. */
export type RdKafkaProperties = Record<string, unknown>;

/** What clients call back with; `result` is there if `error` is not. */
export type RdKafkaCallback<R = unknown> = (error: unknown, result?: R) => void;

export interface RdKafkaTopicPartition {
  topic: string;
  partition: number;
  offset?: number;
  /** Of a commit. Not every client carries it. */
  metadata?: string | null;
}

export interface RdKafkaClient {
  connect(options: { allTopics: boolean; timeout: number }, callback: RdKafkaCallback): unknown;
  isConnected(): boolean;
  /** The client below, of which `connect` makes librdkafka's. Without it, why that fails is told in fewer words. */
  getClient?(): RdKafkaNative;
  /** For SASL/OAUTHBEARER: before the connect and whenever there is another token. */
  setOauthBearerToken?(token: string): unknown;
  getMetadata(
    options: { topic?: string; allTopics: boolean; timeout: number },
    callback: RdKafkaCallback<RdKafkaMetadata>,
  ): void;
  queryWatermarkOffsets(
    topic: string,
    partition: number,
    timeout: number,
    callback: RdKafkaCallback<{ lowOffset: number; highOffset: number }>,
  ): void;
  // biome-ignore lint/suspicious/noExplicitAny: clients overload `on` for each event, see `RdKafkaEvents`
  on(event: any, listener: (...args: any[]) => void): unknown;
}

export interface RdKafkaNative {
  connect?(callback: (error: { message: string } | null | undefined, info?: unknown) => void): unknown;
}

export interface RdKafkaMetadata {
  topics: { name: string; partitions: RdKafkaPartition[] }[];
}

export interface RdKafkaPartition {
  id: number;
  leader: number;
  replicas: number[];
}

/** What the events that velo listens to carry. */
export interface RdKafkaEvents {
  'event.log': [log: RdKafkaLog];
  'event.error': [error: unknown];
  disconnected: [metrics: unknown];
  'partition.eof': [end: RdKafkaTopicPartition];
  'delivery-report': [error: unknown, report: RdKafkaDeliveryReport];
}

export interface RdKafkaLog {
  readonly severity: number;
  /** What it is about: `FAIL` is a connection that failed, `OFFSET` a position that was reset. */
  readonly fac: string;
  readonly message: string;
}

export interface RdKafkaProducer extends RdKafkaClient {
  produce(
    topic: string,
    partition: number,
    value: Buffer | null,
    key: Buffer | null,
    timestamp: number | null | undefined,
    opaque: unknown,
    headers: { [name: string]: Buffer | string }[] | undefined,
  ): unknown;
  poll(): unknown;
  initTransactions(timeout: number, callback: RdKafkaCallback): unknown;
  beginTransaction(callback: RdKafkaCallback): unknown;
  sendOffsetsToTransaction(
    offsets: RdKafkaTopicPartition[],
    consumer: RdKafkaConsumer,
    timeout: number,
    callback: RdKafkaCallback,
  ): unknown;
  commitTransaction(timeout: number, callback: RdKafkaCallback): unknown;
  abortTransaction(timeout: number, callback: RdKafkaCallback): unknown;
  disconnect(flushTimeout: number, callback: RdKafkaCallback): unknown;
}

export interface RdKafkaDeliveryReport {
  readonly topic: string;
  readonly offset: number;
  /** Missing on reports of what was produced without one. */
  readonly opaque?: unknown;
}

export interface RdKafkaConsumer extends RdKafkaClient {
  setDefaultConsumeTimeout(ms: number): void;
  subscribe(topics: string[]): unknown;
  unsubscribe(): unknown;
  assignments(): RdKafkaTopicPartition[];
  consume(count: number, callback: RdKafkaCallback<RdKafkaMessage[]>): void;
  assign(partitions: RdKafkaTopicPartition[]): unknown;
  unassign(): unknown;
  incrementalAssign(partitions: RdKafkaTopicPartition[]): unknown;
  incrementalUnassign(partitions: RdKafkaTopicPartition[]): unknown;
  rebalanceProtocol(): string;
  pause(partitions: RdKafkaTopicPartition[]): unknown;
  resume(partitions: RdKafkaTopicPartition[]): unknown;
  seek(position: RdKafkaTopicPartition, timeout: number, callback: RdKafkaCallback): unknown;
  commit(offsets: RdKafkaTopicPartition[]): unknown;
  commitSync(stored: null): unknown;
  committed(
    partitions: RdKafkaTopicPartition[],
    timeout: number,
    callback: RdKafkaCallback<(RdKafkaTopicPartition | Error)[]>,
  ): unknown;
  disconnect(callback: RdKafkaCallback): unknown;
}

export interface RdKafkaMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970; -1 where the record has none. */
  readonly timestamp?: number | undefined;
  readonly key?: Buffer | string | null | undefined;
  readonly value: Buffer | null;
  readonly headers?: readonly { readonly [name: string]: unknown }[] | undefined;
}

export interface RdKafkaAdmin {
  createTopic(
    topic: {
      topic: string;
      num_partitions: number;
      replication_factor: number;
      config?: { [name: string]: string };
    },
    timeout: number,
    callback: (error?: unknown) => void,
  ): void;
  createPartitions(topic: string, count: number, timeout: number, callback: (error?: unknown) => void): void;
  disconnect(): void;
}
