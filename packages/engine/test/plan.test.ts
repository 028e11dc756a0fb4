import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import type { Route } from '../src/plan/plan-topic.js';
import { topicPolicy } from '../src/plan/topic-policy.js';

const DAY = 86_400_000;
const handler = () => {};

/** A configuration, also one that the types forbid. */
const plan = (config: object = {}, topicWait = 0, binaryHeaders?: () => boolean) =>
  planConsumer(
    { groupId: 'billing', topics: ['orders'], handler, ...config } as ConsumerConfig,
    topicWait,
    binaryHeaders,
  );
const routes = (config?: object) => [...plan(config).routes.values()];
const route = (config?: object) => routes(config)[0] as Route;

describe('the defaults', () => {
  it('of a consumer', () => {
    expect(plan()).toMatchObject({
      groupId: 'billing',
      sources: ['orders'],
      startFrom: 'latest',
      waitForTopics: 0,
      createTopics: true,
      replicationFactor: -1,
      topicConfigs: {},
      bufferRecords: 2_000,
      bufferBytes: 8 * 1024 * 1024,
      commitInterval: 250,
      stallAfter: 300_000,
    });
    expect(plan({}, 7_000).waitForTopics).toBe(7_000);
    expect(plan({ waitForTopics: '1m' }, 7_000).waitForTopics).toBe(60_000);
  });

  it('of a topic: three attempts, no tiers, dead letters', () => {
    const { limits, ...rest } = route();
    expect(rest).toMatchObject({
      topic: 'orders',
      source: 'orders',
      tier: 0,
      wait: 0,
      tiers: [],
      ahead: [],
      decode: undefined,
      handlerTimeout: undefined,
      classify: undefined,
      refused: 'stop',
      sharedTiers: false,
      stackTraces: false,
      tierHeaders: { name: 'velo' },
      exhausted: { action: 'dead-letter', topic: 'orders-billing-dlt', headers: { name: 'velo' } },
    });
    expect(limits).toMatchObject({ maxAttempts: 3 });
    expect([0, 1, 2, 3, 4, 9].map((index) => limits.strategy.delay(index))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });
});

describe('what is not allowed is refused by its name', () => {
  it.each([
    { option: 'groupId', values: ['', undefined, 7] },
    { option: 'startFrom', values: ['', 'newest', null] },
    { option: 'topics', values: [[], {}, undefined, ['orders', 'orders'], [''], ['a b'], [7]] },
    { option: 'handler', values: [undefined, 'f'] },
    { option: 'decode', values: [null, 'f'] },
    { option: 'handlerTimeout', values: [0, -1, '', Number.NaN] },
    { option: 'concurrency', values: [0, -1, 1.5, 10_001, Number.NaN, '5', null] },
    { option: 'concurrency.perPartition', values: [0, 10_001] },
    { option: 'concurrency.perConsumer', values: [0, 1.5, 1_000_001] },
    { option: 'order', values: ['topic', ''] },
    { option: 'waitForTopics', values: [-1, 'soon'] },
    { option: 'commitInterval', values: [0, 60_001, Number.NaN] },
    { option: 'stallAfter', values: [0, 365 * DAY + 1] },
    { option: 'refused', values: ['dead-letter', ''] },
    { option: 'buffer.records', values: [0, 1.5, 1e9 + 1, '5', Number.NaN] },
    { option: 'buffer.bytes', values: [0, 1.5, 2 ** 40 + 1] },
    { option: 'topology.create', values: ['always', ''] },
    { option: 'topology.replicationFactor', values: [-2, 1.5, 32_768] },
    { option: 'retry.inPlace.maxAttempts', values: [0, 1.5, 1_000_001, Number.POSITIVE_INFINITY] },
    { option: 'retry.naming', values: ['kafka', ''] },
    { option: 'retry.headers', values: ['connect', ''] },
    { option: 'retry.stackTraces', values: ['yes', 1] },
    { option: 'exhausted.action', values: ['retry', undefined] },
    { option: 'exhausted.topic', values: ['a b', '', 'orders'] },
    { option: 'exhausted.headers', values: ['kafka', ''] },
  ])('$option', ({ option, values }) => {
    for (const value of values) {
      const keys = option.split('.');
      const within = keys[0] === 'exhausted' && keys[1] !== 'action' ? { action: 'dead-letter' } : {};
      const config = keys.reduceRight<unknown>(
        (inner, key, i) => ({ ...(i === 1 ? within : {}), [key]: inner }),
        value,
      ) as object;
      const refusal = expect.objectContaining({
        code: 'VELO_INVALID_OPTION',
        message: expect.stringMatching(new RegExp(`^${option.replaceAll('.', '\\.')} is `)),
      });
      expect(() => plan(config), `${option} ${String(value)}`).toThrow(refusal);
    }
  });

  it('more than one handler in the order of the partition, with the remedy', () => {
    expect(() => plan({ order: 'partition', concurrency: 2 })).toThrow(/^order is .*'key' or 'none'/);
    expect(() => plan({ order: 'partition', concurrency: { perPartition: 2 } })).toThrow(
      /beside concurrency\.perPartition 2/,
    );
  });

  it('a batch that is none, or that stands beside a handler', () => {
    const batch = (given: object) => () => plan({ handler: undefined, batch: { handler, ...given } });
    expect(() => plan({ handler: undefined, batch: 'all' })).toThrow(
      /^batch of consumer\(\) takes an object/,
    );
    expect(batch({ handler: 7 })).toThrow(/^batch\.handler is /);
    for (const maxRecords of [0, 1.5, 100_001])
      expect(batch({ maxRecords })).toThrow(/^batch\.maxRecords is /);
    for (const maxBytes of [0, 2 ** 30 + 1]) expect(batch({ maxBytes })).toThrow(/^batch\.maxBytes is /);
    for (const maxWait of [-1, '2m', 'soon']) expect(batch({ maxWait })).toThrow(/^batch\.maxWait is /);
    expect(() => plan({ batch: { handler } })).toThrow(/^batch is .*either handler or batch/);
    expect(() => plan({ topics: { orders: { handler, batch: { handler } } } })).toThrow(/^batch is /);
  });

  it('a topic that nobody handles, by its name and with the remedy', () => {
    const nobody = { topics: { orders: { handler }, refunds: {} }, handler: undefined };
    expect(() => plan(nobody)).toThrow(
      /^handler is .*Topic "refunds" has no other, .*Give its policy a handler/,
    );
    const each = { orders: { handler }, refunds: { batch: { handler } }, payments: topicPolicy({ handler }) };
    expect(() => plan({ topics: each, handler: undefined })).not.toThrow();
  });

  it('a policy of its own without a handler, or with options that there are not', () => {
    expect(() => topicPolicy({ decode: () => ({}) })).toThrow(/^handler of topicPolicy\(\) is /);
    expect(() => topicPolicy(undefined as never)).toThrow(/^handler of topicPolicy\(\) is /);
    expect(() => topicPolicy({ handler, handlerTimeOut: '1s' } as never)).toThrow(
      /Did you mean "handlerTimeout"/,
    );
  });

  it('a misspelt limit, with the nearest one', () => {
    expect(() => plan({ concurrency: { perPartion: 2 } })).toThrow(/perPartition/);
    expect(() => plan({ concurrency: [2] })).toThrow(/^concurrency is /);
  });

  it('a limit for the consumer in the policy of one topic', () => {
    expect(() => plan({ topics: { orders: { concurrency: { perConsumer: 5 } } } })).toThrow(
      /^concurrency\.perConsumer of topic "orders" is .*beside groupId/,
    );
  });

  it('a wait of a tier, by its number', () => {
    for (const wait of [0, 7 * DAY + 1, 'soon', Number.NaN])
      expect(() => plan({ retry: { tiers: ['1s', wait] } })).toThrow(/^retry\.tiers\[1\] is /);
    expect(() => plan({ retry: { tiers: Array(33).fill('1s') } })).toThrow(/^retry\.tiers is .*at most 32/);
  });

  it('the topic of dead letters is none that is read', () => {
    const topic = 'orders-billing-retry-5s';
    const retry = { tiers: ['5s'] };
    expect(() => plan({ retry, exhausted: { action: 'dead-letter', topic } })).toThrow(
      /^exhausted\.topic is /,
    );
    expect(() => plan({ topics: ['orders', topic], retry })).toThrow(/^topics is .*velo/);
  });
});

describe('what is allowed, up to its bounds', () => {
  it.each([
    { config: { startFrom: 'earliest' }, planned: { startFrom: 'earliest' } },
    { config: { startFrom: 'latest' }, planned: { startFrom: 'latest' } },
    { config: { commitInterval: 1, stallAfter: 1 }, planned: { commitInterval: 1, stallAfter: 1 } },
    {
      config: { commitInterval: 60_000, stallAfter: 365 * DAY },
      planned: { commitInterval: 60_000, stallAfter: 365 * DAY },
    },
    { config: { concurrency: 5 }, planned: { perConsumer: Number.POSITIVE_INFINITY } },
    { config: { concurrency: { perConsumer: 1_000_000 } }, planned: { perConsumer: 1_000_000 } },
    { config: { buffer: { records: 1, bytes: 1 } }, planned: { bufferRecords: 1, bufferBytes: 1 } },
    {
      config: { buffer: { records: 1e9, bytes: 2 ** 40 } },
      planned: { bufferRecords: 1e9, bufferBytes: 2 ** 40 },
    },
    {
      config: { topology: { create: 'never', replicationFactor: 32_767, configs: { a: 'b' } } },
      planned: { createTopics: false, replicationFactor: 32_767, topicConfigs: { a: 'b' } },
    },
    {
      config: { topology: { create: 'if-missing', replicationFactor: -1 } },
      planned: { createTopics: true, replicationFactor: -1 },
    },
  ])('$config', ({ config, planned }) => {
    expect(plan(config)).toMatchObject(planned);
  });

  it.each([
    { config: { decode: handler }, planned: { decode: handler } },
    { config: { handlerTimeout: 1 }, planned: { handlerTimeout: 1 } },
    { config: {}, planned: { concurrency: { perPartition: 1, order: 'partition' } } },
    { config: { concurrency: 1 }, planned: { concurrency: { perPartition: 1, order: 'partition' } } },
    { config: { concurrency: 2 }, planned: { concurrency: { perPartition: 2, order: 'key' } } },
    {
      config: { concurrency: { perPartition: 10_000 }, order: 'none' },
      planned: { concurrency: { perPartition: 10_000, order: 'none' } },
    },
    { config: { order: 'key' }, planned: { concurrency: { perPartition: 1, order: 'key' } } },
    {
      config: { handler: undefined, batch: { handler } },
      planned: { handler: undefined, batch: { handler, maxRecords: 500, maxBytes: 1_048_576, maxWait: 0 } },
    },
    {
      config: { handler: undefined, batch: { handler, maxRecords: 1e5, maxBytes: 2 ** 30, maxWait: '1m' } },
      planned: { batch: { maxRecords: 1e5, maxBytes: 2 ** 30, maxWait: 60_000 } },
    },
    {
      config: { handler: undefined, batch: { handler } },
      planned: { keepKeyOrder: false, concurrency: { perPartition: 1, order: 'partition' } },
    },
    {
      config: { retry: { keepKeyOrder: true, tiers: ['5s'] } },
      planned: { keepKeyOrder: true, concurrency: { perPartition: 1, order: 'partition' } },
    },
    {
      config: { order: 'partition', retry: { keepKeyOrder: true, tiers: ['5s'] } },
      planned: { keepKeyOrder: true, concurrency: { perPartition: 1, order: 'partition' } },
    },
    {
      config: { handler: undefined, batch: { handler }, retry: { keepKeyOrder: true, tiers: ['5s'] } },
      planned: { keepKeyOrder: true, concurrency: { perPartition: 1, order: 'key' } },
    },
    { config: { refused: 'skip' }, planned: { refused: 'skip' } },
    { config: { retry: { inPlace: { maxAttempts: 1 } } }, planned: { limits: { maxAttempts: 1 } } },
    { config: { retry: { inPlace: { maxAttempts: 1e6 } } }, planned: { limits: { maxAttempts: 1e6 } } },
    { config: { retry: { tiers: [1, '7d'] } }, planned: { tiers: [{ wait: 1 }, { wait: 7 * DAY }] } },
    { config: { retry: { stackTraces: true } }, planned: { stackTraces: true } },
    {
      config: { retry: { headers: 'spring' } },
      planned: { tierHeaders: { name: 'spring' }, exhausted: { headers: { name: 'spring' } } },
    },
    {
      config: { retry: { headers: 'spring' }, exhausted: { action: 'dead-letter', headers: 'connect' } },
      planned: { tierHeaders: { name: 'spring' }, exhausted: { headers: { name: 'connect' } } },
    },
    { config: { exhausted: { action: 'dead-letter', topic: 'x' } }, planned: { exhausted: { topic: 'x' } } },
  ])('$config', ({ config, planned }) => {
    expect(route(config)).toMatchObject(planned);
  });

  it.each(['skip', 'stop'])('%s, and no topic of dead letters then', (action) => {
    expect(route({ exhausted: { action } }).exhausted).toEqual({ action });
  });

  it('32 tiers', () => {
    expect(route({ retry: { tiers: Array(32).fill('1s') } }).tiers).toHaveLength(32);
  });
});

describe('routes', () => {
  it('one for the source and one for each tier, in order', () => {
    const found = routes({ retry: { tiers: ['5s', '1m', '5s'] } }).map(
      ({ topic, source, tier, ahead, wait }) => ({
        topic,
        source,
        tier,
        ahead: ahead.map(({ tierNumber }) => tierNumber),
        wait,
      }),
    );
    expect(found).toEqual([
      { topic: 'orders', source: 'orders', tier: 0, ahead: [1, 2, 3], wait: 0 },
      { topic: 'orders-billing-retry-5s', source: 'orders', tier: 1, ahead: [2, 3], wait: 5_000 },
      { topic: 'orders-billing-retry-1m', source: 'orders', tier: 2, ahead: [3], wait: 60_000 },
      { topic: 'orders-billing-retry-5s-2', source: 'orders', tier: 3, ahead: [], wait: 5_000 },
    ]);
  });

  it('in a tier only records of one key are in an order, where that of keys is kept', () => {
    const orders = (retry: object) => routes({ retry }).map(({ concurrency }) => concurrency.order);
    expect(orders({ keepKeyOrder: true, tiers: ['5s', '1m'] })).toEqual(['partition', 'key', 'key']);
    expect(orders({ tiers: ['5s', '1m'] })).toEqual(['partition', 'partition', 'partition']);
  });

  it("Spring's names are shared by groups, and so are its dead letters", () => {
    const [source, first] = routes({ retry: { tiers: ['5s'], naming: 'spring-delay' } });
    expect(first?.topic).toBe('orders-retry-5000');
    expect(source).toMatchObject({ sharedTiers: true, exhausted: { topic: 'orders-dlt' } });
  });

  it("Spring's names that are too long are refused", () => {
    const topics = ['o'.repeat(240)];
    expect(() => plan({ topics, retry: { tiers: ['5s'], naming: 'spring-delay' } })).toThrow(
      /^retry\.naming is /,
    );
  });

  it('what a topic says for itself wins, what it leaves open or undefined does not', () => {
    const own = () => {};
    const config = {
      topics: {
        orders: { refused: 'skip', handler: own },
        refunds: { refused: undefined, handler: undefined },
      },
      refused: 'stop',
      handlerTimeout: '1s',
    };
    const [orders, refunds] = routes(config);
    expect(orders).toMatchObject({ refused: 'skip', handler: own, handlerTimeout: 1_000 });
    expect(refunds).toMatchObject({ refused: 'stop', handler, handlerTimeout: 1_000 });
    expect(plan(config).sources).toEqual(['orders', 'refunds']);
  });

  it('a policy of its own takes no decode from beside it, and all else', () => {
    const [orders, toOrder, toPayment] = [() => {}, () => ({}), () => ({})];
    const topics = {
      orders: topicPolicy({ decode: toOrder, handler: orders }),
      payments: topicPolicy({ batch: { handler } }),
      refunds: {},
    };
    const { routes } = plan({ topics, decode: toPayment, refused: 'skip' });
    expect(routes.get('orders')).toMatchObject({ decode: toOrder, handler: orders, refused: 'skip' });
    expect(routes.get('payments')).toMatchObject({ handler: undefined, batch: { handler }, refused: 'skip' });
    expect(routes.get('refunds')).toMatchObject({ decode: toPayment, handler });
    const record = {} as KafkaRecord;
    expect(routes.get('payments')?.decode?.(record)).toBe(record);
  });

  it('a batch takes the place of the handler beside it, and the other way round', () => {
    const batch = { handler: () => {} };
    const { routes } = plan({ topics: { orders: { batch }, refunds: {} } });
    expect(routes.get('orders')).toMatchObject({ handler: undefined, batch });
    expect(routes.get('refunds')).toMatchObject({ handler, batch: undefined });
    const other = plan({ handler: undefined, batch, topics: { orders: { handler }, refunds: {} } });
    expect(other.routes.get('orders')).toMatchObject({ handler, batch: undefined });
    expect(other.routes.get('refunds')).toMatchObject({ handler: undefined, batch });
  });
});

describe('binary headers', () => {
  const cannot = () => false;

  it.each([
    { option: 'retry.headers', config: { retry: { headers: 'spring' } }, instead: "'velo'" },
    {
      option: 'exhausted.headers',
      config: { exhausted: { action: 'dead-letter', headers: 'spring' } },
      instead: "'velo' or 'connect' or 'kip1191'",
    },
  ])('are refused where the client cannot carry them: $option', ({ option, config, instead }) => {
    expect(() => plan(config, 0, cannot)).toThrow(
      expect.objectContaining({
        code: 'VELO_NOT_SUPPORTED',
        message: expect.stringContaining(`Set ${option} to ${instead},`),
      }),
    );
  });

  it('are asked for only where they are wanted', () => {
    const asked = () => {
      throw new Error('asked');
    };
    expect(() => plan({ exhausted: { action: 'dead-letter', headers: 'connect' } }, 0, asked)).not.toThrow();
  });
});

describe('exhausted.retention', () => {
  const retention = (value: unknown) => {
    const { routes } = planConsumer(
      {
        groupId: 'billing',
        topics: ['orders'],
        handler: () => {},
        exhausted: { action: 'dead-letter', retention: value as never },
      },
      0,
    );
    return routes.get('orders')?.exhausted;
  };

  it('is 30 days unless something else is said', () => {
    expect(retention(undefined)).toMatchObject({ retention: 30 * 86_400_000 });
    expect(retention('1h')).toMatchObject({ retention: 3_600_000 });
    expect(retention('3650d')).toMatchObject({ retention: 3_650 * 86_400_000 });
    expect(retention(3_600_000.5)).toMatchObject({ retention: 3_600_001 });
  });

  it.each(['59m', '3651d', 0, -1, Number.NaN, 'thirty days', null, {}])('is not %o', (value) => {
    expect(() => retention(value)).toThrow(/exhausted\.retention/);
  });
});
