/** The client's surface as velo types it: node-rdkafka's is that of all clients of librdkafka. */
export type {
  RdKafka,
  RdKafkaAdmin,
  RdKafkaCallback,
  RdKafkaClient,
  RdKafkaConsumer,
  RdKafkaDeliveryReport,
  RdKafkaEvents,
  RdKafkaLog,
  RdKafkaMessage,
  RdKafkaMetadata,
  RdKafkaNative,
  RdKafkaPartition,
  RdKafkaProducer,
  RdKafkaProperties,
  RdKafkaTopicPartition,
} from '@velo/librdkafka';
