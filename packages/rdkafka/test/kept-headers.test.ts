import { EventEmitter } from 'node:events';
import { classifyKafkaError } from '@velo/retry-core';
import { startEmbeddedBroker } from '@velo/testkit';
import { codes, record } from '@velo/testkit/binding';
import * as RdKafka from 'node-rdkafka';
import { describe, expect, it } from 'vitest';
import type { RdKafkaProducer } from '../src/api.js';
import { openRdKafkaClient } from '../src/client.js';
import { Deliveries } from '../src/sending/deliveries.js';

const withHeader = (topic: string) => record(topic, 0, 'x', { headers: [['velo-attempt', '1']] });

/** Writes each record at once, as librdkafka does to brokers of before Kafka 0.11. */
class OldBrokersProducer extends EventEmitter {
  readonly #opaques: unknown[] = [];

  produce(...[topic, , , , , opaque]: Parameters<RdKafkaProducer['produce']>): void {
    this.emit('event.log', {
      fac: 'APIVERSION',
      message: '[thrd:old:9092/1]: old:9092/1: Disabling feature MsgVer2',
    });
    this.#opaques.push({ topic, opaque, offset: 0 });
  }

  poll(): void {
    for (const report of this.#opaques.splice(0)) this.emit('delivery-report', null, report);
  }
}

describe('a broker whose records have no headers', () => {
  // librdkafka gives an idempotent producer up, and its records fail as purged or by a fatal error, which another producer
  // would not meet.
  it('refuses a copy for good, and in words', async () => {
    await using broker = await startEmbeddedBroker();
    broker.createTopic('old', { partitions: 1 });
    // As Kafka 0.10: records have no headers, and producers no ids.
    broker.limitVersion('Produce', 2);
    broker.limitVersion('InitProducerId', -1);
    const client = openRdKafkaClient(RdKafka, { 'bootstrap.servers': broker.bootstrapServers });
    try {
      for (const time of ['first', 'second']) {
        const [outcome] = await client.publish([withHeader('old')]);
        const error = outcome?.written === false ? outcome.error : undefined;
        expect(String(error), time).toMatch(/requires Apache Kafka broker version >= 0\.11/);
        expect(classifyKafkaError(error)).toMatchObject({ code: -165, action: 'fix-configuration' });
      }
    } finally {
      await client.close();
    }
  }, 60_000);

  // No broker of today can be made to take such records.
  it('refuses what a producer that is not idempotent writes there without a word, and no other record', async () => {
    const deliveries = new Deliveries(new OldBrokersProducer() as unknown as RdKafkaProducer);
    const outcomes = await deliveries.send([withHeader('old'), record('old', 0, 'bare'), withHeader('old')]);
    expect(codes(outcomes)).toEqual([35, 0, 35]);
    expect(outcomes[0]).toMatchObject({ error: { message: expect.stringMatching(/"old".*Kafka 0\.11/) } });
  });
});
