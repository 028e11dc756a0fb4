import rdkafka from 'node-rdkafka';
import { expect, it, vi } from 'vitest';
import { startEmbeddedBroker } from '../src/index.js';

/** A node-rdkafka client that is connected. */
function connected<
  T extends InstanceType<typeof rdkafka.Producer> | InstanceType<typeof rdkafka.KafkaConsumer>,
>(client: T): Promise<T> {
  return new Promise((resolve, reject) => {
    client.connect({}, (error) => (error ? reject(error) : resolve(client)));
  });
}

const disconnected = (client: { disconnect(callback: () => void): unknown }) =>
  new Promise<void>((resolve) => client.disconnect(() => resolve()));

it('serves node-rdkafka, which shares the library with it', async () => {
  await using cluster = await startEmbeddedBroker();
  cluster.createTopic('orders', { partitions: 1 });
  const common = { 'bootstrap.servers': cluster.bootstrapServers, 'allow.auto.create.topics': false };

  const producer = await connected(new rdkafka.Producer(common));
  producer.produce('orders', 0, Buffer.from('first'), 'key');
  await new Promise((resolve) => producer.flush(2_000, resolve));

  const consumer = await connected(
    new rdkafka.KafkaConsumer({ ...common, 'group.id': 'billing' }, { 'auto.offset.reset': 'earliest' }),
  );
  const values: string[] = [];
  consumer.on('data', ({ value }) => values.push(String(value)));
  consumer.subscribe(['orders']);
  consumer.consume();
  await vi.waitFor(() => expect(values).toEqual(['first']), { timeout: 5_000 });

  await Promise.all([disconnected(producer), disconnected(consumer)]);
});

it('lives on where a partition without a leader is written and read; the next leader takes it all', async () => {
  await using cluster = await startEmbeddedBroker({ brokers: 2 });
  cluster.createTopic('orders', { partitions: 2 });
  const common = {
    'bootstrap.servers': cluster.bootstrapServers,
    'retry.backoff.ms': 10,
    'topic.metadata.refresh.fast.interval.ms': 20,
  };
  const producer = await connected(new rdkafka.Producer(common));
  const consumer = await connected(
    new rdkafka.KafkaConsumer({ ...common, 'group.id': 'billing' }, { 'auto.offset.reset': 'earliest' }),
  );
  const values: string[] = [];
  consumer.on('data', ({ value }) => values.push(String(value)));
  consumer.assign([0, 1].map((partition) => ({ topic: 'orders', partition })));
  consumer.consume();
  const write = (partition: number, value: string) =>
    producer.produce('orders', partition, Buffer.from(value));

  for (const partition of [0, 1]) write(partition, `before ${partition}`);
  await vi.waitFor(() => expect(values).toHaveLength(2), { timeout: 5_000 });
  // Both clients still believe in the leader, and ask it.
  cluster.setLeader('orders', 1, -1);
  for (const partition of [0, 1]) write(partition, `after ${partition}`);
  await vi.waitFor(() => expect(values).toContain('after 0'), { timeout: 5_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(values).not.toContain('after 1');
  cluster.setLeader('orders', 1, 1);
  await vi.waitFor(() => expect(values).toContain('after 1'), { timeout: 5_000 });

  await Promise.all([disconnected(producer), disconnected(consumer)]);
});

it('creates topics for the admin client of node-rdkafka', async () => {
  await using cluster = await startEmbeddedBroker();
  const admin = rdkafka.AdminClient.create({ 'bootstrap.servers': cluster.bootstrapServers });
  const create = () =>
    new Promise<number>((resolve) => {
      const topic = { topic: 'orders', num_partitions: 2, replication_factor: -1 };
      admin.createTopic(topic, 2_000, (error) => resolve(error ? error.code : 0));
    });
  expect(await create()).toBe(0);
  expect(await create()).toBe(36);
  admin.disconnect();
});
