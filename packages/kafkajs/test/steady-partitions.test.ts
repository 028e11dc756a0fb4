import { expect, it } from 'vitest';
import type { KafkaJs } from '../src/kafkajs-api.js';
import { steadyPartitions } from '../src/steady-partitions.js';

const CREATE_CLUSTER = Symbol('private:Kafka:createCluster');

function kafkaThatLists(listed: readonly number[]): KafkaJs {
  const partitions = listed.map((partitionId) => ({ partitionId, leader: 1 }));
  const cluster = { findTopicPartitionMetadata: () => partitions };
  return { [CREATE_CLUSTER]: () => cluster } as unknown as KafkaJs;
}

function listOf(kafka: KafkaJs): number[] {
  const create = (
    kafka as unknown as Record<symbol, () => { findTopicPartitionMetadata(topic: string): unknown }>
  )[CREATE_CLUSTER];
  const list = create?.().findTopicPartitionMetadata('t') as { partitionId: number }[];
  return list.map(({ partitionId }) => partitionId);
}

it('partitions come in the order of their numbers, whatever the order of the brokers', () => {
  const kafka = kafkaThatLists([3, 0, 10, 2, 1]);
  expect(listOf(kafka)).toEqual([3, 0, 10, 2, 1]);
  expect(listOf(steadyPartitions(kafka))).toEqual([0, 1, 2, 3, 10]);
});

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(steadyPartitions(other)).toBe(other);
});
