import { startEmbeddedBroker } from '@velo/testkit';
import { until } from '@velo/testkit/binding';
import { expect, it } from 'vitest';
import { createVelo } from '../src/index.js';

const PARTITIONS = 6;
/** Of each partition: more than one answer holds. */
const RECORDS = 50;
const VALUE = Buffer.alloc(1_000, 'x');
/** Bytes. Each batch alone fills an answer. */
const client = { maxBytes: 1_000, maxBytesPerPartition: 1_000, maxWaitTime: 100 };

it('an answer that has no room for all partitions is filled by each of them in turn', async () => {
  await using broker = await startEmbeddedBroker();
  await using velo = createVelo({ clientId: 'fairness', bootstrapBrokers: broker.brokers });
  await velo.ensureTopics([{ topic: 'wide', partitions: PARTITIONS }]);
  const producer = velo.producer();
  for (let i = 0; i < RECORDS; i++)
    for (let partition = 0; partition < PARTITIONS; partition++)
      await producer.send({ topic: 'wide', messages: [{ partition, value: VALUE }] });
  const handled = new Array<number>(PARTITIONS).fill(0);
  let most = 0;
  const consumer = velo.consumer({
    groupId: 'fair',
    topics: ['wide'],
    startFrom: 'earliest',
    client,
    handler: (record) => {
      const count = (handled[record.partition] ?? 0) + 1;
      handled[record.partition] = count;
      if (handled.includes(0)) most = Math.max(most, count);
    },
  });
  await consumer.start();
  await until(() => handled.every((count) => count === RECORDS), 25_000);
  // By when each has had its first record.
  expect(most).toBeLessThan(RECORDS / 2);
});
