// No quirk itself: how the others reach into kafkajs.
import type { KafkaJs, KafkaJsOffsets, KafkaJsRetry } from '../api.js';

/** What a kafkajs client is made of, as far as velo must reach into it. kafkajs promises none of it. */
export interface PrivateCluster {
  /** Of what transactional producers ask before their first transaction. */
  retry?: KafkaJsRetry;
  readonly connectionPoolBuilder?: {
    build?: (...args: unknown[]) => Promise<{ readonly pool?: PrivateConnection[] }>;
  };
  readonly brokerPool?: PrivateBrokerPool;
  /** The partitions by the number of their leader. */
  findLeaderForPartitions?: (topic: string, partitions: readonly number[]) => Record<string, number[]>;
  /** Where partitions begin or end, asked of their leaders. */
  fetchTopicsOffset?: (topics: readonly PrivateOffsetQuery[]) => Promise<PrivateTopicOffsets[]>;
  /** All brokers that kafkajs speaks to as coordinators come from here. */
  findBroker?: (which: unknown) => Promise<PrivateBroker>;
  /** None of a topic that its metadata lacks. */
  findTopicPartitionMetadata?: (topic: string) => readonly { readonly partitionId: number }[];
  refreshMetadata?: () => Promise<void>;
}

export interface PrivateBrokerPool {
  metadata?: {
    /** Leader -1: none. */
    readonly topicMetadata: readonly { readonly partitionMetadata: readonly { readonly leader: number }[] }[];
  } | null;
  readonly metadataMaxAge?: number;
  /** ms since 1970; null: at once. */
  metadataExpireAt?: number | null;
  refreshMetadata?: (topics: readonly string[]) => Promise<void>;
  refreshMetadataIfNecessary?: (topics: readonly string[]) => Promise<void>;
  /** One that is connected, or can be; of those that the client was given, while it knows no others. */
  findConnectedBroker?: () => Promise<PrivateBroker>;
  /** Asks one broker after the other until one gives an answer that is no error; null if none does. */
  withBroker?: <T>(ask: (broker: unknown) => Promise<T>) => Promise<T | null>;
}

export interface PrivateOffsetQuery {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number }[];
}

export interface PrivateTopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

export interface PrivateBroker {
  /** What the broker can be asked, by the numbers of Kafka's protocol. */
  readonly versions?: Readonly<Record<number, { readonly maxVersion?: number } | undefined>> | null;
  /** The request of this number that both sides know, in its latest version. */
  readonly lookupRequest?: (key: number, definition: unknown) => (request: unknown) => unknown;
  produce?: (request: PrivateProduceRequest) => Promise<unknown>;
  describeConfigs?: (query: unknown) => Promise<PrivateSettings>;
  metadata?: (topics: readonly string[]) => Promise<unknown>;
  txnOffsetCommit?: (offsets: unknown) => Promise<unknown>;
  offsetCommit?: (commit: KafkaJsOffsets) => Promise<unknown>;
  /** Gives the group's leader's assignment to all members, and to each its own. */
  syncGroup?: (request: unknown) => Promise<{ readonly memberAssignment: Buffer }>;
}

export interface PrivateSettings {
  readonly resources: readonly {
    readonly configEntries: readonly { readonly configName: string; readonly configValue?: string | null }[];
  }[];
}

export interface PrivateProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly messages: readonly { readonly headers?: object | null }[] }[];
  }[];
}

export interface PrivateConnection {
  socketFactory?: (...args: unknown[]) => PrivateSocket;
  readonly socket?: PrivateSocket;
  /** `host:port` */
  readonly broker?: string;
  /** How long before its session's end it is authenticated anew, ms. */
  readonly reauthenticationThreshold?: number;
  /** As the broker has said at the last authentication, ms; a number of kafkajs's own kind. */
  readonly sessionLifetime?: unknown;
  connect?: () => Promise<unknown>;
  send?: (request: PrivateRequest) => Promise<unknown>;
  /** Called for what comes over the socket, in its `data` event. */
  processData?: (data: Buffer) => void;
  /** What has come of a response that is not complete. */
  chunks?: Buffer[];
  bytesBuffered?: number;
  bytesNeeded?: number;
  readonly requestQueue?: {
    /** Holds requests back for so many ms, as an answer tells. */
    maybeThrottle?: (time: unknown) => void;
    /** Until when, ms since 1970. */
    throttledUntil?: number;
    /** A request from its place in the queue to its answer. */
    createSocketRequest?: (pushed: unknown) => PrivateSocketRequest;
    /** False: a request waits for the answers to those before it. */
    canSendSocketRequestImmediately?: () => boolean;
    /** What is sent and not answered. */
    readonly inflight?: ReadonlyMap<number, { readonly entry: { readonly apiName: string } }>;
  };
}

export interface PrivateSocketRequest {
  /** ms since 1970; null: not yet. */
  sentAt?: number | null;
}

export interface PrivateRequest {
  readonly request?: { readonly apiName?: string; readonly apiVersion?: number };
  readonly response?: AnswerReader;
  /** ms, where it differs from the client's own. */
  readonly requestTimeout?: number | null;
}

/** How kafkajs reads the answer to a request: what its bytes are, then whether they tell of an error. */
export interface AnswerReader<T = unknown> {
  decode(raw: Buffer): Promise<T>;
  parse(decoded: T): Promise<T>;
}

/** One request, and how its answer is read. */
export interface PrivateProtocol {
  readonly request: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    readonly encode: () => Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: AnswerReader;
}

export interface OwnBytes {
  /** For kafkajs's log, and for whoever reads answers by it. @default kafkajs's own */
  readonly apiName?: string;
  readonly apiVersion: number;
  readonly buffer: Buffer;
  readonly response: AnswerReader;
}

/** The same broker, which sends its next request in other bytes. All else stays kafkajs's own: connections, retries, errors. */
export function inOtherBytes(
  broker: PrivateBroker,
  own: (theirs: PrivateProtocol, request: unknown) => OwnBytes,
): PrivateBroker {
  const lookup = broker.lookupRequest?.bind(broker);
  const value = (key: number, definition: unknown) => (request: unknown) => {
    const theirs = lookup?.(key, definition)(request) as PrivateProtocol;
    const { apiName = theirs.request.apiName, apiVersion, buffer, response } = own(theirs, request);
    // kafkajs takes from its encoders what these two have.
    const encode = async () => ({ buf: buffer, buffer });
    return { ...theirs, request: { ...theirs.request, apiName, apiVersion, encode }, response };
  };
  return Object.create(broker, { lookupRequest: { value } });
}

/** A socket of `node:net` or `node:tls`. */
export interface PrivateSocket {
  once(event: 'close', listener: () => void): unknown;
  emit(event: 'end'): boolean;
  destroy(): unknown;
}

type CreateCluster = (...args: unknown[]) => PrivateCluster;

/** The same kafkajs, which shows each cluster that it makes; as it is where it is another one than velo knows. */
export function withClusters(kafka: KafkaJs, made: (cluster: PrivateCluster) => void): KafkaJs {
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const createCluster = key && (kafka as unknown as Record<symbol, CreateCluster | undefined>)[key];
  if (key === undefined || createCluster === undefined) return kafka;
  const value = (...args: unknown[]) => {
    const cluster = createCluster(...args);
    made(cluster);
    return cluster;
  };
  return Object.create(kafka, { [key]: { value } });
}

/** The same kafkajs, which shows each connection of each cluster that it makes, before it is used. */
export function withConnections(
  kafka: KafkaJs,
  made: (connection: PrivateConnection, index: number) => void,
): KafkaJs {
  return withClusters(kafka, (cluster) => eachConnection(cluster, made));
}

/** Shows each broker that the cluster speaks to as a coordinator, once, before it is used. */
export function eachBroker(cluster: PrivateCluster, found: (broker: PrivateBroker) => void): void {
  const findBroker = cluster.findBroker?.bind(cluster);
  if (findBroker === undefined) return;
  const known = new WeakSet<object>();
  cluster.findBroker = async (which) => {
    const broker = await findBroker(which);
    if (!known.has(broker)) found(broker);
    known.add(broker);
    return broker;
  };
}

/** Shows each connection that the cluster makes from now on, before it is used. */
export function eachConnection(
  { connectionPoolBuilder }: PrivateCluster,
  made: (connection: PrivateConnection, index: number) => void,
): void {
  const build = connectionPoolBuilder?.build;
  if (connectionPoolBuilder === undefined || build === undefined) return;
  connectionPoolBuilder.build = async (...args) => {
    const pool = await build(...args);
    pool.pool?.forEach(made);
    return pool;
  };
}

/** Ends a socket at once, and what waits for it. kafkajs clears its timers at an end, not at a close. */
export function dropSocket(socket: PrivateSocket | undefined): void {
  socket?.emit('end');
  socket?.destroy();
}
