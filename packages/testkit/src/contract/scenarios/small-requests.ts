import { expect } from 'vitest';
import type { KafkaCluster } from '../../apache-kafka/kafka-cluster.js';
import { startKafka } from '../../apache-kafka/start-kafka.js';
import { uniqueName } from '../../support/names.js';
import { Observer } from '../harness/observer.js';
import { textOf, type World } from '../harness/world.js';
import type { Scenario } from '../scenario.js';

/** Bytes. More than topics take by default, as an administrator may set it. */
const REQUEST_MAX = 2_000_000;
/** A few kilobytes in gzip, and more than a request may have. */
const LARGE = 'x'.repeat(3_000_000);
/** A broker of its own starts beside all else; then clients wait for 5 s each time that a transaction is cut off. ms */
const LIMIT = 80_000;

/** What a broker does not say, velo finds out: its connection is closed over each such request, and it answers all others. */
export const smallRequests: Scenario = {
  name: 'by closing the connection (a lower socket.request.max.bytes) goes compressed, in either mode',
  on: 'kafka',
  limit: LIMIT,
  run: async (world) => {
    // It is a setting of the broker, not of a topic.
    await using narrow = await startKafka({
      properties: { 'socket.request.max.bytes': REQUEST_MAX, 'group.min.session.timeout.ms': 100 },
    });
    const { transactions } = world.adapter.capabilities;
    const modes = ['at-least-once', ...(transactions ? (['transactional'] as const) : [])] as const;
    await Promise.all(modes.map((handOff) => expectCompressed(world, narrow, handOff)));
  },
};

async function expectCompressed(
  world: World,
  broker: KafkaCluster,
  handOff: 'at-least-once' | 'transactional',
): Promise<void> {
  const topic = uniqueName('topic');
  const observer = new Observer(broker.brokers);
  await observer.connect();
  await observer.createTopic(topic, 1);
  await observer.writeCompressed(topic, LARGE);
  await observer.write(topic, 'good');
  await observer.disconnect();
  const member = world.member(
    {
      groupId: uniqueName('Group'),
      topics: [topic],
      handOff,
      retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
      handler: (record, { tier }) => {
        if (tier === 0 && textOf(record) === LARGE) throw new Error('later');
      },
    },
    broker,
  );
  await member.consumer.start();
  await member.until('both are handled', () => member.handled.length === 2, LIMIT);
  expect(member.told('publishRefused')).toHaveLength(1);
  expect(member.told('publishRefused')[0]?.explanation).toContain('socket.request.max.bytes');
  expect(member.consumer.health().state).toBe('running');
  // Before its broker is gone.
  await member.consumer.stop();
}
