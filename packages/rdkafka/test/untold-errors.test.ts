import { javaAvailable, type KafkaCluster, startKafka } from '@velo/testkit';
import { sleep, Told, uniqueName, until } from '@velo/testkit/binding';
import { Observer } from '@velo/testkit/contract';
import library from 'node-rdkafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openRdKafkaClient } from '../src/index.js';

/** ms. A node starts in 3 s; a busy machine takes longer. */
const START_LIMIT = 180_000;
/** After so long a partition that brings nothing is looked into, ms. */
const SOCKET_TIMEOUT = 3_000;

/** Drops each error of its first consumer, as node-rdkafka does where one comes behind records. */
function deaf(): typeof library {
  let first = true;
  class Deaf extends library.KafkaConsumer {
    readonly #deaf = first;

    constructor(...args: ConstructorParameters<typeof library.KafkaConsumer>) {
      super(...args);
      first = false;
    }

    override consume(...args: unknown[]): void {
      const [limit, callback] = args as [number, (error: unknown, messages: unknown) => void];
      super.consume(limit, (error: unknown, messages: unknown) =>
        callback(this.#deaf ? null : error, messages ?? []),
      );
    }
  }
  return { ...library, KafkaConsumer: Deaf as never };
}

describe.skipIf(!javaAvailable())('an error that node-rdkafka drops', () => {
  let cluster: KafkaCluster;
  let observer: Observer;
  beforeAll(async () => {
    cluster = await startKafka({ users: { bob: 'secret' }, superUsers: ['admin'] });
    observer = new Observer(cluster.brokers);
    await observer.connect();
  }, START_LIMIT);
  afterAll(async () => {
    await observer?.disconnect();
    await cluster?.stop();
  });

  it('is found out: READ is gone, DESCRIBE is not, and another topic flows', {
    timeout: 60_000,
  }, async () => {
    const [taken, flowing, groupId] = [uniqueName('topic'), uniqueName('topic'), uniqueName('group')];
    const read = (resource: 'topic' | 'group', name: string) =>
      ({ resource, name, pattern: 'literal', operations: ['Read'] }) as const;
    await observer.grant('bob', [read('topic', taken), read('topic', flowing), read('group', groupId)]);
    await observer.grant('bob', [{ ...read('topic', taken), operations: ['Describe'] }]);
    for (const topic of [taken, flowing]) {
      await observer.createTopic(topic, 1);
      await observer.write(topic, 'a');
    }
    const client = openRdKafkaClient(deaf(), {
      'bootstrap.servers': cluster.saslBrokers.join(','),
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': 'bob',
      'sasl.password': 'secret',
      'socket.timeout.ms': SOCKET_TIMEOUT,
    });
    const told = new Told();
    try {
      await client.join({ groupId, topics: [taken, flowing] }, told);
      await until(() => told.all.length === 2);
      // What stands still for want of records is none of it.
      await sleep(2 * SOCKET_TIMEOUT);
      expect(told.crashes).toEqual([]);

      await observer.revoke('bob', read('topic', taken));
      // Brokers hear of it a little later: what comes before that is read, and nothing stands still yet.
      const written: string[] = [];
      for (let turn = 0; told.crashes.length === 0; turn++) {
        if (turn % 20 === 0) {
          written.push(`b ${turn}`);
          await observer.write(taken, `b ${turn}`);
        }
        await observer.write(flowing, 'c');
        await sleep(50);
      }
      expect(told.crashes).toMatchObject([{ code: 29 }]);
      expect(told.all.length).toBeGreaterThan(10);
      expect(told.values).not.toContain(written.at(-1));
    } finally {
      await client.close();
    }
  });
});
