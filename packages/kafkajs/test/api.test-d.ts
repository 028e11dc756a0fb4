import type { Kafka } from 'kafkajs';
import { expectTypeOf, test } from 'vitest';
import type { KafkaJs, KafkaRecord } from '../src/index.js';
import { createVelo, topicPolicy } from '../src/index.js';

test("kafkajs's own client is accepted", () => {
  expectTypeOf<Kafka>().toExtend<KafkaJs>();
  expectTypeOf(createVelo).toBeCallableWith({} as Kafka);
});

test('what speaks only a part of the API is refused', () => {
  expectTypeOf<Pick<Kafka, 'admin' | 'producer'>>().not.toExtend<KafkaJs>();
  expectTypeOf<string>().not.toExtend<KafkaJs>();
});

test('a handler of a message that is no record needs decode', () => {
  const velo = createVelo({} as Kafka);
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
