import type library from '@confluentinc/kafka-javascript';
import { expectTypeOf, test } from 'vitest';
import type { ConfluentKafka, KafkaRecord } from '../src/index.js';
import { createVelo, openConfluentClient, topicPolicy } from '../src/index.js';

test("Confluent's own library is accepted", () => {
  expectTypeOf<typeof library>().toExtend<ConfluentKafka>();
  expectTypeOf(openConfluentClient).toBeCallableWith({} as typeof library, { 'bootstrap.servers': '' });
  expectTypeOf(createVelo).toBeCallableWith({ 'bootstrap.servers': '' });
});

test('what speaks only a part of the API is refused, its KafkaJS-like one among it', () => {
  expectTypeOf<Pick<typeof library, 'Producer' | 'AdminClient'>>().not.toExtend<ConfluentKafka>();
  expectTypeOf<typeof library.KafkaJS>().not.toExtend<ConfluentKafka>();
  expectTypeOf<string>().not.toExtend<ConfluentKafka>();
});

test('a handler of a message that is no record needs decode', () => {
  const velo = createVelo({ 'bootstrap.servers': '' });
  const [groupId, toOrder] = ['billing', (_: KafkaRecord) => ({ id: '1' })];
  type Order = ReturnType<typeof toOrder>;
  const handler = (order: Order) => order.id;
  velo.consumer({ groupId, topics: ['orders'], decode: toOrder, handler: (order) => order.id });
  velo.consumer<Order>({ groupId, topics: { orders: { decode: toOrder, handler } } });
  velo.consumer({ groupId, topics: { orders: topicPolicy({ decode: toOrder, handler }) } });
  // @ts-expect-error: it would get a KafkaRecord
  velo.consumer({ groupId, topics: ['orders'], handler });
  // @ts-expect-error: in the policy of a topic, too
  velo.consumer<Order>({ groupId, topics: { orders: { handler } } });
});
