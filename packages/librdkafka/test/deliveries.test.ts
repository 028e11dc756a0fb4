import { EventEmitter } from 'node:events';
import { record } from '@velo/testkit/binding';
import { expect, it } from 'vitest';
import type { RdKafkaProducer } from '../src/api.js';
import { Deliveries } from '../src/sending/deliveries.js';
import { plainFacts } from './support/plain-facts.js';

/** Reports each record as librdkafka does, as failed with this text. */
class FailingProducer extends EventEmitter {
  readonly #text: string;
  readonly #opaques: unknown[] = [];

  constructor(text: string) {
    super();
    this.#text = text;
  }

  produce(...[, , , , , opaque]: Parameters<RdKafkaProducer['produce']>): void {
    this.#opaques.push(opaque);
  }

  poll(): void {
    for (const opaque of this.#opaques.splice(0))
      this.emit('delivery-report', Object.assign(new Error(this.#text), { code: -1 }), {
        offset: -1001,
        opaque,
      });
  }
}

it.each([
  { text: 'local: message timed out', code: -192 },
  { text: 'broker: message size too large', code: 10 },
  // When a topic is deleted; seldom, as it depends on what librdkafka does in that moment.
  { text: 'local: broker handle destroyed for termination', code: 3 },
])('"$text" is code $code', async ({ text, code }) => {
  const producer = new FailingProducer(text.replace(/^\w+: /, ''));
  const deliveries = new Deliveries(producer as unknown as RdKafkaProducer, plainFacts);
  expect(await deliveries.send([record('topic', 0, 'a')])).toMatchObject([
    { written: false, error: { code } },
  ]);
});
