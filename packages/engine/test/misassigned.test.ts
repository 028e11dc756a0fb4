import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TopicPartition } from '../src/binding/record.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';
import { MemoryTransactions } from './support/memory-transactions.js';

/** Until a partition that is not there is looked for again, and more, ms. */
const AGAIN = 10_000;
const HIGH = 300;

let world: Consumers;
let handled: (string | null)[];

beforeEach(() => {
  world = new Consumers();
  world.cluster.autoAssign = false;
  world.cluster.create('orders', 2);
  world.cluster.produce('orders', 0, 'a');
  world.cluster.produce('orders', 1, 'b');
  handled = [];
});
afterEach(() => world.end());

const orders = (...partitions: number[]): TopicPartition[] =>
  partitions.map((partition) => ({ topic: 'orders', partition }));

async function assigned(
  partitions: readonly TopicPartition[],
  config: Partial<ConsumerConfig> = {},
): Promise<ConsumerInTest> {
  const one = world.start(
    { startFrom: 'earliest', handler: (record) => void handled.push(text(record)), ...config },
    'misassigned',
    'positionFailed',
  );
  await world.clock.advance(0);
  world.cluster.members[0]?.assign(partitions);
  await world.clock.advance(AGAIN);
  return one;
}

const misassigned = ({ told }: ConsumerInTest) => told('misassigned').map(({ partitions }) => partitions);

describe.each([true, false])('where commits carry metadata: %s', (offsetMetadata) => {
  beforeEach(() => {
    world.cluster.offsetMetadata = offsetMetadata;
  });

  it.each(['earliest', 'latest'] as const)(
    'a partition that the brokers do not have holds up no other, from the %s on',
    async (startFrom) => {
      const one = await assigned(orders(0, HIGH, 1, -1), { startFrom });
      await one.joined;
      world.cluster.produce('orders', 0, 'c');
      world.cluster.produce('orders', 1, 'd');
      await world.clock.advance(AGAIN);
      expect(handled.sort()).toEqual(startFrom === 'earliest' ? ['a', 'b', 'c', 'd'] : ['c', 'd']);
      expect(misassigned(one)).toEqual([orders(-1), orders(HIGH)]);
      expect(one.consumer.health()).toMatchObject({ state: 'retrying', restarts: 0 });
      expect(world.cluster.topics.get('orders-billing-dlt')).toHaveLength(2);
    },
  );

  it('it is read from its beginning as soon as they have it', async () => {
    const one = await assigned(orders(0, 2), { startFrom: 'latest' });
    await one.joined;
    world.cluster.create('orders', 3);
    world.cluster.produce('orders', 2, 'new');
    await world.clock.advance(AGAIN);
    expect(handled).toEqual(['new']);
    expect(one.consumer.health().state).toBe('running');
  });
});

it('a topic that has just grown is waited for, and not told', async () => {
  const { cluster } = world;
  const one = world.start(
    { startFrom: 'earliest', handler: (record) => void handled.push(text(record)) },
    'misassigned',
  );
  await world.clock.advance(0);
  cluster.members[0]?.assign(orders(0, 1, 2));
  await world.clock.advance(200);
  cluster.create('orders', 3);
  cluster.produce('orders', 2, 'c');
  await world.clock.advance(AGAIN);
  await one.joined;
  expect(handled.sort()).toEqual(['a', 'b', 'c']);
  expect(misassigned(one)).toEqual([]);
});

it('a member that is assigned nothing else has started, too', async () => {
  const one = await assigned(orders(HIGH));
  await one.joined;
  expect(one.consumer.health().state).toBe('retrying');
});

it('what is not there takes no transaction, and does not count for their bound', async () => {
  world.cluster.transactions = new MemoryTransactions(world.cluster);
  const most = world.cluster.transactions.capabilities.maxPartitions ?? 1_000;
  const absent = Array.from({ length: most + 1 }, (_, i) => HIGH + i);
  const one = await assigned(orders(0, ...absent), { handOff: 'transactional' });
  await one.joined;
  expect(handled).toEqual(['a']);
});

it('each is told once in an assignment', async () => {
  const one = await assigned(orders(0, HIGH, -1));
  await world.clock.advance(10 * AGAIN);
  expect(misassigned(one)).toHaveLength(2);
  world.cluster.members[0]?.assign(orders(0, HIGH));
  await world.clock.advance(AGAIN);
  expect(misassigned(one)).toEqual([orders(-1), orders(HIGH), orders(HIGH)]);
});
