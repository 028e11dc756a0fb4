import { bindingTest, until } from '@velo/testkit/binding';
import { expect } from 'vitest';
import { rdkafka, record } from './support.js';

const it = bindingTest(rdkafka);

/**
 * What the docs say: of more than 100,000 headers librdkafka gives none, and node-rdkafka does not tell such a record from
 * one without headers, so velo cannot either. Should this change, velo must carry them, or say that it cannot.
 */
it.for([
  [100_000, 100_000],
  [100_001, 0],
] as const)('of %i headers %i are shown', async ([written, shown], { client, join, told, topic }) => {
  const headers = Array.from({ length: written }, () => ['h', ''] as const);
  await client.publish([record(topic, 0, 'x', { headers })]);
  await join(told);
  await until(() => told.all.length === 1);
  expect([...(told.all[0]?.headers ?? [])]).toHaveLength(shown);
});
