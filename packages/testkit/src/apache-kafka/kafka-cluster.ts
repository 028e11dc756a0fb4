import type { FaultProxy } from '../fault-proxy/fault-proxy.js';
import type { KafkaNode } from './kafka-node.js';

export interface KafkaOptions {
  /** Of Apache Kafka, from 3.3.0 on: without ZooKeeper. @default `VELO_KAFKA_VERSION`, or 4.1.0 */
  readonly version?: string;
  /** How many nodes, each broker and controller; topics have as many replicas by default. @default 1 */
  readonly nodes?: 1 | 3;
  /** Passwords by user name, for the SASL/PLAIN listener (`saslBrokers`). @default {} */
  readonly users?: Readonly<Record<string, string>>;
  /** Turns ACLs on, with these users above them; clients without a password are above them too. @default no ACLs */
  readonly superUsers?: readonly string[];
  /** Puts a fault proxy between clients and each node. @default false */
  readonly proxied?: boolean;
  /** Further lines of `server.properties`. @default {} */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** Of each JVM's heap, in MB. @default 512, or 384 with three nodes */
  readonly heap?: number;
}

/** A running Apache Kafka. Nodes have the ids 1 to 3. Topics are never created by asking for them. */
export interface KafkaCluster extends AsyncDisposable {
  /** As librdkafka takes it; through the proxies, if there are any. */
  readonly bootstrapServers: string;
  /** As kafkajs takes it. */
  readonly brokers: readonly string[];
  /** The listeners that ask for a user and a password; never through the proxies. */
  readonly saslBrokers: readonly string[];
  /** Whether this is the cluster of `KAFKA_BROKERS`, of which no node can be touched. */
  readonly external: boolean;
  readonly nodes: readonly KafkaNode[];
  /** @throws {RangeError} if there is no such node */
  node(id: number): KafkaNode;
  /** The proxy in front of a node. @throws {RangeError} unless the cluster is `proxied` */
  proxy(id: number): FaultProxy;
  /** Leaves the log files behind and says where; for a test that failed. */
  keepLogs(): void;
  /** Kills all nodes and removes their data; a second call does nothing. */
  stop(): Promise<void>;
}
