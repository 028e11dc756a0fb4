import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { uniqueName } from '@velo/testkit/binding';
import { Observer } from '@velo/testkit/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createVelo } from '../src/index.js';

/** ms. A node starts in 3 s; a busy machine takes longer. */
const START_LIMIT = 180_000;
/** After so long a partition that brings nothing is looked into, ms. */
const SOCKET_TIMEOUT = 3_000;
const LIMIT = 90_000;
/** How often a topic is made again until its client has not asked for it in between. */
const ATTEMPTS = 4;
/** Partitions beside: asked about one each 2 s, they would take 80 s for a round, and two are needed. */
const IDLE = 40;

describe.skipIf(!javaAvailable())('a topic that is made again, with as many partitions', () => {
  let cluster: KafkaCluster;
  let observer: Observer;
  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3 });
    observer = new Observer(cluster.brokers);
    await observer.connect();
  }, START_LIMIT);
  afterAll(async () => {
    await observer?.disconnect();
    await cluster?.stop();
  });

  /** Moves leaders, so that the old log's epochs are above those of the new one; then the topic is made again. */
  async function handledOf(old: readonly string[], fresh: readonly string[]) {
    const topic = uniqueName('topic');
    await observer.createTopicOn(topic, [1]);
    for (const node of [2, 1, 2, 1]) await observer.movePartition(topic, 0, node);
    await observer.write(topic, ...old);
    const velo = createVelo({
      'bootstrap.servers': cluster.bootstrapServers,
      'socket.timeout.ms': SOCKET_TIMEOUT,
    });
    // A member of many partitions finds the one that stands still as soon.
    const beside = uniqueName('topic');
    await observer.createTopicOn(
      beside,
      Array.from({ length: IDLE }, () => 1),
    );
    const handled: string[] = [];
    const crashes: string[] = [];
    const consumer = velo.consumer({
      groupId: uniqueName('group'),
      topics: [topic, beside],
      startFrom: 'earliest',
      handler: ({ value }) => {
        handled.push(String(value));
      },
    });
    consumer.on('crashed', ({ error }) => crashes.push(String(error)));
    try {
      await consumer.start();
      await expect.poll(() => handled, { timeout: LIMIT }).toEqual(old);
      await observer.recreateTopic(topic, 1);
      await observer.write(topic, ...fresh);
      await expect.poll(() => handled, { timeout: LIMIT }).toEqual([...old, ...fresh]);
      return { topic, crashes };
    } finally {
      await consumer.stop();
    }
  }

  it.each([
    { how: 'longer than it was', old: ['a'], fresh: ['b', 'c', 'd'] },
    { how: 'shorter than it was', old: ['a', 'b', 'c'], fresh: ['d'] },
  ])(
    'and is $how, is read on, though its leader epochs are below the old ones',
    {
      timeout: ATTEMPTS * LIMIT,
    },
    async ({ old, fresh }) => {
      let { topic, crashes } = await handledOf(old, fresh);
      // A client that asked for the topic while it was not there has begun anew by then, and has nothing old to know.
      for (
        let attempts = 1;
        attempts < ATTEMPTS && crashes.some((text) => text.includes('Unknown topic'));
        attempts++
      )
        ({ topic, crashes } = await handledOf(old, fresh));
      expect(crashes).toEqual([expect.stringContaining(`fetches nothing of partition 0 of "${topic}"`)]);
    },
  );
});
