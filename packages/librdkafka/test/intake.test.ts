import type { KafkaRecord, MemberSink, TopicPartition } from '@velo/engine';
import { expect, it } from 'vitest';
import type { RdKafkaConsumer, RdKafkaMessage } from '../src/api.js';
import { Intake } from '../src/fetching/intake.js';

const MB = 2 ** 20;
const PARTITIONS = Array.from({ length: 50 }, (_, partition) => ({ topic: 'orders', partition }));

function made() {
  const stopped = new Set<number>();
  const given: number[] = [];
  const consumer = {
    pause: (partitions: readonly TopicPartition[]) => {
      for (const { partition } of partitions) stopped.add(partition);
    },
    resume: (partitions: readonly TopicPartition[]) => {
      for (const { partition } of partitions) stopped.delete(partition);
    },
    queryWatermarkOffsets: () => {},
  } as unknown as RdKafkaConsumer;
  const intake = new Intake(consumer, {
    records: (_topic: string, partition: number) => given.push(partition),
  } as never);
  intake.holdings.add(PARTITIONS);
  const message = (partition: number, offset: number) =>
    ({
      topic: 'orders',
      partition,
      offset,
      timestamp: 0,
      key: null,
      value: Buffer.alloc(MB),
    }) as RdKafkaMessage;
  return { intake, stopped, given, message };
}

it('once all that may be kept is taken, no paused partition is left to bring one more record', () => {
  const { intake, stopped, message } = made();
  intake.pause(PARTITIONS.slice(0, 40));
  // Each takes what is free: the first ones a record of a megabyte, until sixteen are kept.
  for (let partition = 0; partition < 15; partition++) intake.take([message(partition, 0)]);
  expect([...stopped].length).toBeLessThan(40);
  intake.take([message(15, 0)]);
  expect([...stopped].sort((a, b) => a - b)).toEqual(
    PARTITIONS.slice(0, 40).map(({ partition }) => partition),
  );
  intake.pause(PARTITIONS.slice(40));
  expect(stopped.size).toBe(PARTITIONS.length);
});

it('one of them is resumed by itself, and gives what it has', () => {
  const { intake, stopped, given, message } = made();
  intake.pause(PARTITIONS);
  for (let partition = 0; partition < 16; partition++) intake.take([message(partition, 0)]);
  expect(stopped.size).toBe(PARTITIONS.length);
  intake.resume(PARTITIONS.slice(3, 4));
  expect(given).toEqual([3]);
  expect(stopped.has(3)).toBe(false);
  expect(stopped.size).toBe(PARTITIONS.length - 1);
});

it('records of one partition number belong to the topic that they came from', () => {
  const { message } = made();
  const given: [string, string[]][] = [];
  const sink = {
    records: (topic: string, _partition: number, records: readonly KafkaRecord[]) =>
      given.push([topic, records.map(({ offset }) => offset)]),
  } as unknown as MemberSink;
  const two = new Intake({} as RdKafkaConsumer, sink);
  const of = (topic: string, offset: number) => ({ ...message(0, offset), topic });
  two.holdings.add([{ topic: 'orders', partition: 0 }]);
  two.take([of('orders', 0), of('orders', 1)]);
  two.holdings.add([{ topic: 'films', partition: 0 }]);
  two.take([of('orders', 2), of('films', 7), of('films', 8), of('orders', 3)]);
  // Taken away, it may still bring what was fetched before: that is of nobody.
  two.holdings.release([{ topic: 'films', partition: 0 }]);
  two.holdings.settle();
  two.take([of('orders', 4), of('films', 9), of('orders', 5)]);
  expect(given).toEqual([
    ['orders', ['0', '1']],
    ['orders', ['2']],
    ['films', ['7', '8']],
    ['orders', ['3']],
    ['orders', ['4']],
    ['orders', ['5']],
  ]);
});
