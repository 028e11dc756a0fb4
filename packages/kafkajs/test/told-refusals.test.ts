import { expect, it } from 'vitest';
import type { KafkaJs } from '../src/api.js';
import { toldRefusals } from '../src/quirks/told-refusals.js';

const CREATE_CLUSTER = Symbol('private:Kafka:createCluster');
const REFUSED = Object.assign(new Error('Group authorization failed'), { code: 30 });
const NOT_AVAILABLE = Object.assign(new Error('The coordinator is not available'), { code: 15 });

interface Pool {
  withBroker<T>(ask: (broker: unknown) => Promise<T>): Promise<T | null>;
}

/** As kafkajs does it: the first answer that is no error, else null. */
function poolOf(brokers: number): Pool {
  const pool: Pool = {
    async withBroker(ask) {
      for (let broker = 1; broker <= brokers; broker++) {
        try {
          return await ask(broker);
        } catch {}
      }
      return null;
    },
  };
  const kafka = { [CREATE_CLUSTER]: () => ({ brokerPool: pool }) } as unknown as KafkaJs;
  const told = toldRefusals(kafka) as unknown as Record<symbol, () => { brokerPool: Pool }>;
  return told[CREATE_CLUSTER]?.().brokerPool as Pool;
}

it('fails with the refusal of the group', async () => {
  await expect(poolOf(2).withBroker(() => Promise.reject(REFUSED))).rejects.toBe(REFUSED);
});

it('is not disturbed by one broker that refuses where another one answers', async () => {
  const ask = async (broker: unknown) => {
    if (broker === 1) throw REFUSED;
    return broker;
  };
  expect(await poolOf(2).withBroker(ask)).toBe(2);
});

it('leaves other errors to kafkajs', async () => {
  expect(await poolOf(2).withBroker(() => Promise.reject(NOT_AVAILABLE))).toBeNull();
});

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(toldRefusals(other)).toBe(other);
});
