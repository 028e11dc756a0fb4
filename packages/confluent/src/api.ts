import type { RdKafka, RdKafkaClient, RdKafkaConsumer, RdKafkaProperties } from '@velo/librdkafka';

/**
 * Confluent's module, typed by shape: of its callback API velo uses what all clients of librdkafka have, and what only this one
 * has. Its declarations leave some of it out (`incrementalAssign`, `rebalanceProtocol`), so it is looked for. Its
 * KafkaJS-like API is not used.
 */
export interface ConfluentKafka {
  readonly KafkaConsumer: new (global: RdKafkaProperties, topic: RdKafkaProperties) => RdKafkaClient;
  readonly Producer: new (global: RdKafkaProperties, topic: RdKafkaProperties) => RdKafkaClient;
  readonly AdminClient: RdKafka['AdminClient'] & {
    /** Only looked for: older versions lack it. */
    createFrom(...client: never[]): unknown;
  };
  readonly features?: readonly string[];
  readonly librdkafkaVersion?: string;
}

export interface ConfluentConsumer extends RdKafkaConsumer {
  assignmentLost(): boolean;
}
