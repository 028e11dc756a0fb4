import { EventEmitter } from 'node:events';
import { codes, record } from '@velo/testkit/binding';
import { expect, it } from 'vitest';
import type { RdKafkaProducer } from '../src/api.js';
import { Deliveries } from '../src/sending/deliveries.js';
import { plainFacts } from './support/plain-facts.js';

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

// No broker of today can be made to take such records.
it('to a broker whose records have no headers, a producer that is not idempotent writes none without a word, and any other record', async () => {
  const deliveries = new Deliveries(new OldBrokersProducer() as unknown as RdKafkaProducer, plainFacts);
  const outcomes = await deliveries.send([withHeader('old'), record('old', 0, 'bare'), withHeader('old')]);
  expect(codes(outcomes)).toEqual([35, 0, 35]);
  expect(outcomes[0]).toMatchObject({ error: { message: expect.stringMatching(/"old".*Kafka 0\.11/) } });
});
