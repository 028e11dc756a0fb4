import type { Addresses, BindingUnderTest } from '@velo/testkit/binding';
import { Kafka, logLevel } from 'kafkajs';
import { openKafkaJsClient } from '../src/index.js';

export function kafkaOn({ brokers }: Pick<Addresses, 'brokers'>): Kafka {
  return new Kafka({
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 200 },
  });
}

export const kafkajs: BindingUnderTest = {
  name: 'kafkajs',
  open: (cluster) => openKafkaJsClient(kafkaOn(cluster)),
  quick: { maxWaitTimeInMs: 50, heartbeatInterval: 200 },
  assignors: { 'round robin': {} },
  // kafkajs collects headers by name.
  headerOrder: false,
};
