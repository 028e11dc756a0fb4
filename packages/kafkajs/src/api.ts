/**
 * The part of kafkajs's API that velo uses, typed by shape: a client that speaks it fits too, and no types of
 * kafkajs are needed in a user's project. Methods, not properties, so that stricter parameters stay assignable.
 */
export interface KafkaJs {
  admin(config?: { retry?: KafkaJsRetry }): KafkaJsAdmin;
  producer(config?: KafkaJsProducerConfig): KafkaJsProducer;
  consumer(config: KafkaJsConsumerConfig): KafkaJsConsumer;
}

export interface KafkaJsRetry {
  retries?: number;
  initialRetryTime?: number;
  maxRetryTime?: number;
  restartOnFailure?(error: Error): Promise<boolean>;
}

export interface KafkaJsConnection {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface KafkaJsAdmin extends KafkaJsConnection {
  fetchTopicMetadata(options: { topics: string[] }): Promise<{
    topics: { name: string; partitions: { partitionId: number; leader: number; replicas: number[] }[] }[];
  }>;
  listTopics(): Promise<string[]>;
  describeConfigs(options: {
    resources: { type: number; name: string; configNames?: string[] }[];
    includeSynonyms: boolean;
  }): Promise<{
    resources: { configEntries: { configName: string; configValue: string; configSource: number }[] }[];
  }>;
  createTopics(options: {
    topics: {
      topic: string;
      numPartitions?: number;
      replicationFactor?: number;
      configEntries?: { name: string; value: string }[];
    }[];
    waitForLeaders?: boolean;
  }): Promise<boolean>;
  createPartitions(options: { topicPartitions: { topic: string; count: number }[] }): Promise<unknown>;
  fetchTopicOffsets(topic: string): Promise<{ partition: number; high: string; low: string }[]>;
  listGroups(): Promise<{ groups: { groupId: string }[] }>;
  describeGroups(groupIds: string[]): Promise<{
    groups: {
      state: string;
      members: { memberMetadata: Buffer; memberAssignment: Buffer }[];
    }[];
  }>;
  fetchOffsets(options: {
    groupId: string;
    topics?: string[];
  }): Promise<
    { topic: string; partitions: { partition: number; offset: string; metadata: string | null }[] }[]
  >;
}

export interface KafkaJsProducerConfig {
  transactionalId?: string;
  /** ms */
  transactionTimeout?: number;
  maxInFlightRequests?: number;
  idempotent?: boolean;
  allowAutoTopicCreation?: boolean;
  createPartitioner?(): (args: { message: { partition?: number } }) => number;
  retry?: KafkaJsRetry;
}

export interface KafkaJsMessage {
  key?: Buffer | string | null;
  value: Buffer | string | null;
  partition?: number;
  headers?: { [name: string]: Buffer | string | (Buffer | string)[] | undefined };
  timestamp?: string;
}

export interface KafkaJsSend {
  topic: string;
  messages: KafkaJsMessage[];
  acks?: number;
  /** Kafka's number of a codec. */
  compression?: number;
}

export interface KafkaJsProducer extends KafkaJsConnection {
  send(record: KafkaJsSend): Promise<KafkaJsProduced[]>;
  transaction(): Promise<KafkaJsTransaction>;
}

export interface KafkaJsProduced {
  topicName: string;
  partition: number;
  errorCode: number;
  baseOffset?: string;
}

export interface KafkaJsTransaction {
  send(record: KafkaJsSend): Promise<KafkaJsProduced[]>;
  sendOffsets(offsets: KafkaJsOffsets & { consumerGroupId: string }): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

export interface KafkaJsConsumerConfig {
  groupId: string;
  sessionTimeout?: number;
  heartbeatInterval?: number;
  maxWaitTimeInMs?: number;
  metadataMaxAge?: number;
  allowAutoTopicCreation?: boolean;
  readUncommitted?: boolean;
  partitionAssigners?: KafkaJsPartitionAssigner[];
  retry?: KafkaJsRetry;
}

export type KafkaJsPartitionAssigner = (config: {
  cluster: { findTopicPartitionMetadata(topic: string): { partitionId: number }[] };
}) => KafkaJsAssigner;

export interface KafkaJsAssigner {
  name: string;
  version: number;
  protocol(subscription: { topics: string[] }): { name: string; metadata: Buffer };
  /** `topics` are those of the leader alone. */
  assign(group: {
    members: { memberId: string; memberMetadata: Buffer }[];
    topics: string[];
  }): Promise<{ memberId: string; memberAssignment: Buffer }[]>;
}

export interface KafkaJsConsumer extends KafkaJsConnection {
  subscribe(subscription: { topics: string[]; fromBeginning?: boolean }): Promise<void>;
  run(config: {
    autoCommit?: boolean;
    eachBatchAutoResolve?: boolean;
    partitionsConsumedConcurrently?: number;
    eachBatch?(payload: KafkaJsBatchPayload): Promise<void>;
  }): Promise<void>;
  commitOffsets(
    offsets: { topic: string; partition: number; offset: string; metadata?: string | null }[],
  ): Promise<void>;
  seek(position: { topic: string; partition: number; offset: string }): void;
  pause(topics: { topic: string; partitions?: number[] }[]): void;
  resume(topics: { topic: string; partitions?: number[] }[]): void;
  readonly events: KafkaJsConsumerEvents;
  // biome-ignore lint/suspicious/noExplicitAny: kafkajs overloads `on` for each event, see `listen` for the payloads
  on(eventName: any, listener: (event: any) => void): () => void;
}

export interface KafkaJsConsumerEvents {
  readonly GROUP_JOIN: string;
  readonly REBALANCING: string;
  readonly CRASH: string;
  readonly COMMIT_OFFSETS: string;
  readonly START_BATCH_PROCESS: string;
  readonly REQUEST: string;
}

/** What the events that velo listens to carry. */
export interface KafkaJsEventPayloads {
  GROUP_JOIN: { readonly memberAssignment: Readonly<Record<string, readonly number[]>> };
  REBALANCING: object;
  CRASH: { readonly error: Error };
  COMMIT_OFFSETS: KafkaJsOffsets;
  START_BATCH_PROCESS: {
    readonly topic: string;
    readonly partition: number;
    readonly batchSize: number;
    readonly firstOffset: string | null;
    readonly lastOffset: string;
  };
  REQUEST: { readonly apiName: string };
}

export interface KafkaJsOffsets {
  topics: {
    topic: string;
    partitions: { partition: number; offset: string; metadata?: string | null }[];
  }[];
}

export interface KafkaJsBatchPayload {
  readonly batch: KafkaJsBatch;
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  commitOffsetsIfNecessary(offsets?: KafkaJsOffsets): Promise<void>;
  isStale(): boolean;
}

export interface KafkaJsBatch {
  readonly topic: string;
  readonly partition: number;
  /** The offset that was asked for; kafkajs has it, its types do not. */
  readonly fetchedOffset?: string;
  readonly messages: readonly KafkaJsFetchedMessage[];
  lastOffset(): string;
}

export interface KafkaJsFetchedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since 1970, as text. */
  readonly timestamp: string;
  readonly offset: string;
  /** Bytes where `linearHeaders` has read the record. */
  readonly headers?: Buffer | KafkaJsFetchedHeaders | undefined;
}

export interface KafkaJsFetchedHeaders {
  readonly [name: string]: Buffer | string | (Buffer | string)[] | undefined;
}
