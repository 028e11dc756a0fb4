/** Where a cluster is: as librdkafka takes it, and as kafkajs does. */
export interface Addresses {
  readonly bootstrapServers: string;
  readonly brokers: readonly string[];
}
