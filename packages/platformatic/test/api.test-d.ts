import type * as library from '@platformatic/kafka';
import { expectTypeOf, test } from 'vitest';
import type { KafkaRecord, PlatformaticOptions } from '../src/index.js';
import { createVelo, topicPolicy } from '../src/index.js';

test("options of the client's own clients are accepted", () => {
  expectTypeOf(createVelo).toBeCallableWith({ clientId: 'a', bootstrapBrokers: ['a:1'] });
  type Shared =
    | 'clientId'
    | 'bootstrapBrokers'
    | 'timeout'
    | 'connectTimeout'
    | 'sasl'
    | 'tls'
    | 'tlsServerName';
  expectTypeOf<Required<Pick<library.BaseOptions, Shared>>>().toExtend<PlatformaticOptions>();
});

test('what lacks brokers is refused', () => {
  expectTypeOf<{ clientId: string }>().not.toExtend<PlatformaticOptions>();
  expectTypeOf<string>().not.toExtend<PlatformaticOptions>();
});

test('a handler of a message that is no record needs decode', () => {
  const velo = createVelo({ clientId: 'a', bootstrapBrokers: ['a:1'] });
  const [groupId, toOrder] = ['billing', (_: KafkaRecord) => ({ id: '1' })];
  type Order = ReturnType<typeof toOrder>;
  const handler = (order: Order) => order.id;
  velo.consumer({ groupId, topics: ['orders'], decode: toOrder, handler: (order) => order.id });
  velo.consumer({ groupId, topics: { orders: topicPolicy({ decode: toOrder, handler }) } });
  // @ts-expect-error: it would get a KafkaRecord
  velo.consumer({ groupId, topics: ['orders'], handler });
});
