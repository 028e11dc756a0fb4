import { bindingTest, codes, record } from '@velo/testkit/binding';
import { expect } from 'vitest';
import { createVelo } from '../src/index.js';
import { confluent } from './support.js';

const it = bindingTest(confluent);

it.for([
  { what: 'bytes that are no text', value: Buffer.from([0xff, 0, 0xfe]) },
  { what: 'a NUL in a text', value: 'a\0b' },
  { what: 'an empty one', value: '' },
  { what: 'an empty one of bytes', value: Buffer.alloc(0) },
  { what: 'a text', value: 'größer' },
])('a header arrives as it was written: $what', async ({ value }, { client, newTopic, readAll }) => {
  const topic = newTopic(1);
  const headers = [
    ['h', value],
    ['__proto__', value],
    ['h', 'second'],
  ] as const;
  expect(codes(await client.publish([record(topic, 0, 'x', { headers })]))).toEqual([0]);
  const [read] = (await readAll(topic, 1)).all;
  const bytes = Buffer.from(value as string);
  expect([...(read?.headers ?? [])]).toEqual([
    ['h', bytes],
    ['__proto__', bytes],
    ['h', Buffer.from('second')],
  ]);
});

it('a null header is refused alone: the client cannot write one', async ({ client, newTopic }) => {
  const topic = newTopic(1);
  expect(client.capabilities).toMatchObject({ binaryHeaders: true, nullHeaders: false });
  const outcomes = await client.publish([
    record(topic, 0, 'a'),
    record(topic, 0, 'b', { headers: [['h', null]] }),
    record(topic, 0, 'c', { headers: [['na\0me', 'x']] }),
  ]);
  expect(codes(outcomes)).toEqual([0, 87, 87]);
});

it("Spring's headers, which are binary, are taken for tiers and dead letters", async ({ broker }) => {
  const velo = createVelo({ 'bootstrap.servers': broker.bootstrapServers });
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    handler() {},
    retry: { tiers: ['5s'], headers: 'spring' },
    exhausted: { action: 'dead-letter', headers: 'spring' },
  });
  expect(consumer.explain()).toContain('orders-billing-retry-5s');
  await velo.close();
});
