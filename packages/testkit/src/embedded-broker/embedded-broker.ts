import type { RequestName } from './request-names.js';

export interface EmbeddedBrokerOptions {
  /** How many brokers; their ids are 1 to this number. @default 1 */
  readonly brokers?: number;
  /** Partitions of a topic that `createTopic` makes when told nothing else. @default 4 */
  readonly defaultPartitions?: number;
  /** How long a group waits for further members before it elects a leader, in ms. @default 50 */
  readonly groupRebalanceDelay?: number;
  /** Keeps a list of all requests for `requests()`; it grows until `clearRequests()`. @default false */
  readonly trackRequests?: boolean;
}

/** What a broker answers to one request. */
export interface ScriptedAnswer {
  /** Kafka's error code; 0 is success. @default 0 */
  readonly code?: number;
  /** Delay of the answer in ms. @default 0 */
  readonly delay?: number;
}

/**
 * A Kafka cluster inside this process: librdkafka's mock cluster on loopback TCP, up in some milliseconds,
 * without a JVM. It keeps records in memory, serves producers (idempotent and transactional too), consumer
 * groups, and the creation, growth and deletion of topics. Topics that a client asks for are created (4
 * partitions) unless the client forbids it, so `allowAutoTopicCreation: false` makes a topic missing until
 * `createTopic`. It serves no SASL, no topic configuration, no listing of groups, and reads uncommitted
 * records to every consumer: those need a real Kafka (`startKafka`).
 */
export interface EmbeddedBroker extends AsyncDisposable {
  /** As librdkafka takes it: `127.0.0.1:port,127.0.0.1:port`. */
  readonly bootstrapServers: string;
  /** As kafkajs takes it; the broker with id 1 first. */
  readonly brokers: readonly string[];
  /** @throws if the topic exists */
  createTopic(
    topic: string,
    options?: { readonly partitions?: number; readonly replicationFactor?: number },
  ): void;
  /** Every metadata answer for the topic carries this error code, until 0 is set. */
  setTopicError(topic: string, code: number): void;
  /** Moves a partition; `-1` leaves it without a leader: writes, reads and questions for its offsets are refused then. */
  setLeader(topic: string, partition: number, brokerId: number): void;
  /** Moves the coordinator of a group id or a transactional id. */
  setCoordinator(kind: 'group' | 'transaction', key: string, brokerId: number): void;
  /** The next requests of this kind, whatever the broker, get these codes in turn; -195 drops the connection. */
  pushErrors(request: RequestName, codes: readonly number[]): void;
  /** The same for one broker, with delays; these come before the answers of `pushErrors`. */
  pushAnswers(brokerId: number, request: RequestName, answers: readonly ScriptedAnswer[]): void;
  /** Forgets what `pushErrors` has left. */
  clearErrors(request: RequestName): void;
  /** From the next connection on, the brokers know this request up to this version only. */
  limitVersion(request: RequestName, newest: number): void;
  /** Closes the broker's connections and refuses new ones. Leaders stay where they are: see `setLeader`. */
  brokerDown(brokerId: number): void;
  brokerUp(brokerId: number): void;
  /** Delays every answer of a broker by this many ms; 0 ends it. */
  setRoundTripTime(brokerId: number, ms: number): void;
  /** Requests since the last `clearRequests`, oldest first; empty without `trackRequests`. */
  requests(): readonly { readonly broker: number; readonly request: RequestName | undefined }[];
  clearRequests(): void;
  /** Closes every connection and frees the cluster; a second call does nothing. */
  stop(): Promise<void>;
}
