import type { KafkaJs, KafkaJsProducer } from '../api.js';
import { Connection } from '../connection/connection.js';
import { leaveNoSocket } from '../quirks/leave-no-socket.js';

/** The records name their partitions. Having a partitioner also keeps kafkajs from warning of its default one. */
const namedPartition = () => (args: { message: { partition?: number } }) => args.message.partition ?? 0;

/**
 * A plain producer: an idempotent one drops the next record after a rejected send. Retries are the engine's affair;
 * without any, kafkajs still fetches its metadata anew before it fails.
 */
export function producerOf(kafka: KafkaJs): Connection<KafkaJsProducer> {
  const config = {
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: namedPartition,
    retry: { retries: 0 },
  };
  return new Connection(() => leaveNoSocket(kafka, (watched) => watched.producer(config)));
}
