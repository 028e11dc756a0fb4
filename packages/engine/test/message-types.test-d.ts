import { expectTypeOf, test } from 'vitest';
import type {
  ConsumerConfig,
  ConsumerSettings,
  Decoding,
  KafkaRecord,
  Velo,
  VeloConsumer,
} from '../src/index.js';
import { topicPolicy } from '../src/index.js';

interface Order {
  readonly id: string;
}
interface Payment {
  readonly iban: string;
}

declare const toOrder: (record: KafkaRecord) => Order;
declare const toPayment: (record: KafkaRecord) => Promise<Payment>;
declare const velo: Velo;

const groupId = 'billing';
const topics = ['orders'];

test('a handler without decode gets the record', () => {
  velo.consumer({
    groupId,
    topics,
    handler: (message) => expectTypeOf(message).toEqualTypeOf<KafkaRecord>(),
  });
  velo.consumer({
    groupId,
    topics,
    batch: { handler: (messages) => expectTypeOf(messages).toEqualTypeOf<readonly KafkaRecord[]>() },
  });
  velo.consumer({
    groupId,
    topics: { orders: { handler: (message) => expectTypeOf(message).toEqualTypeOf<KafkaRecord>() } },
  });
});

test('what takes a record, or a part of it, or anything, needs no decode', () => {
  velo.consumer({ groupId, topics, handler: () => {} });
  velo.consumer({ groupId, topics, handler: (_: KafkaRecord) => {} });
  velo.consumer({ groupId, topics, handler: (_: Pick<KafkaRecord, 'value'>) => {} });
  velo.consumer({ groupId, topics, handler: (_: unknown) => {} });
});

test('the message is what decode makes, or what it promises', () => {
  velo.consumer({
    groupId,
    topics,
    decode: toOrder,
    handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>(),
  });
  velo.consumer({
    groupId,
    topics,
    decode: toPayment,
    handler: (message) => expectTypeOf(message).toEqualTypeOf<Payment>(),
  });
  velo.consumer({
    groupId,
    topics,
    decode: (record) => ({ id: record.offset }),
    batch: { handler: (messages) => expectTypeOf(messages).toEqualTypeOf<readonly { id: string }[]>() },
  });
  // @ts-expect-error: another message
  velo.consumer({ groupId, topics, decode: toOrder, handler: (_: Payment) => {} });
});

test('JSON.parse makes whatever the handler takes', () => {
  velo.consumer({
    groupId,
    topics,
    decode: (record) => JSON.parse(String(record.value)),
    handler: (_: Order) => {},
  });
});

test('a handler of another message needs decode', () => {
  // @ts-expect-error: it would get a KafkaRecord
  velo.consumer({ groupId, topics, handler: (_: Order) => {} });
  // @ts-expect-error: as well
  velo.consumer<Order>({ groupId, topics, handler: () => {} });
  // @ts-expect-error: in batches as well
  velo.consumer({ groupId, topics, batch: { handler: (_: readonly Order[]) => {} } });
  // @ts-expect-error: in batches as well
  velo.consumer<Order>({ groupId, topics, batch: { handler: () => {} } });
  // @ts-expect-error: in a topic's policy as well
  velo.consumer({ groupId, topics: { orders: { handler: (_: Order) => {} } } });
  // @ts-expect-error: in a topic's batches as well
  velo.consumer({ groupId, topics: { orders: { batch: { handler: (_: readonly Order[]) => {} } } } });
  // @ts-expect-error: before the call as well
  const _config: ConsumerConfig<Order> = { groupId, topics, handler: () => {} };
});

test('decode and handler stand beside topics, or in the policy of a topic', () => {
  velo.consumer({
    groupId,
    decode: toOrder,
    topics: { orders: { handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>() } },
  });
  velo.consumer({
    groupId,
    topics: { orders: { decode: toOrder }, refunds: { decode: toOrder } },
    handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>(),
  });
  velo.consumer<Order>({
    groupId,
    topics: { orders: { decode: toOrder, batch: { handler: (messages) => messages[0]?.id } } },
  });
  // @ts-expect-error: nothing makes orders of the refunds
  velo.consumer({ groupId, topics: { orders: { decode: toOrder }, refunds: {} }, handler: (_: Order) => {} });
  // @ts-expect-error: it gets an order
  velo.consumer({ groupId, decode: toOrder, topics: { orders: { handler: (_: KafkaRecord) => {} } } });
});

test('each topic of a map has a type of its own by topicPolicy', () => {
  const payments = topicPolicy({
    decode: toPayment,
    batch: { handler: (messages) => expectTypeOf(messages).toEqualTypeOf<readonly Payment[]>() },
  });
  velo.consumer({
    groupId,
    topics: {
      orders: topicPolicy({
        decode: toOrder,
        handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>(),
        concurrency: 16,
      }),
      payments,
      audit: topicPolicy({ handler: (message) => expectTypeOf(message).toEqualTypeOf<KafkaRecord>() }),
    },
  });
  velo.consumer({
    groupId,
    topics: { orders: {}, payments },
    decode: toOrder,
    handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>(),
  });
});

test('topicPolicy asks for decode, too', () => {
  // @ts-expect-error: it would get a KafkaRecord
  topicPolicy({ handler: (_: Order) => {} });
  // @ts-expect-error: as well
  topicPolicy<Order>({ handler: () => {} });
  // @ts-expect-error: another message
  topicPolicy({ decode: toOrder, handler: (_: Payment) => {} });
  // @ts-expect-error: a slip of the pen
  topicPolicy({ handler: () => {}, handlerTimeOut: '1s' });
});

test('two message types without it are refused', () => {
  const handler = () => {};
  // @ts-expect-error: of one T, which is it?
  velo.consumer({ groupId, topics: { a: { decode: toOrder, handler }, b: { decode: toPayment, handler } } });
});

test('a package that wraps velo can pass a configuration on', () => {
  const whole = <T>(config: ConsumerConfig<T>): VeloConsumer => velo.consumer(config);
  const part = <T = KafkaRecord>(config: Omit<ConsumerSettings<T>, 'groupId'> & Decoding<T>): VeloConsumer =>
    velo.consumer<T>({ ...config, groupId });
  expectTypeOf(whole<Order>).toBeCallableWith({ groupId, topics, decode: toOrder, handler: () => {} });
  part({ topics, decode: toOrder, handler: (message) => expectTypeOf(message).toEqualTypeOf<Order>() });
  // @ts-expect-error: through the wrapper as well
  part({ topics, handler: (_: Order) => {} });
});
