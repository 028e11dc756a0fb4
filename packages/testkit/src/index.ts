export { javaAvailable } from './apache-kafka/java.js';
export type { KafkaCluster, KafkaOptions } from './apache-kafka/kafka-cluster.js';
export type { KafkaNode } from './apache-kafka/kafka-node.js';
export { type MavenJars, mavenClassPath } from './apache-kafka/maven-jars.js';
export { startKafka } from './apache-kafka/start-kafka.js';
export type {
  EmbeddedBroker,
  EmbeddedBrokerOptions,
  ScriptedAnswer,
} from './embedded-broker/embedded-broker.js';
export type { RequestName } from './embedded-broker/request-names.js';
export { startEmbeddedBroker } from './embedded-broker/start-embedded-broker.js';
export type { FaultProxy, FaultProxyOptions } from './fault-proxy/fault-proxy.js';
export { startFaultProxy } from './fault-proxy/fault-proxy.js';
export type { Direction } from './fault-proxy/faults.js';
export { type FrameFault, frameFaults } from './fault-proxy/frame-faults.js';
export { ended, spawnGuarded } from './processes/guarded-process.js';
export { freePorts } from './support/ports.js';
