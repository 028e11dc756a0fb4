import { AsyncLocalStorage } from 'node:async_hooks';
import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../../src/binding/record.js';
import type {
  AttemptEnd,
  ClientOperation,
  ConsumerObserver,
  ObservedAttempt,
  Observer,
  WriteEnd,
} from '../../src/observing/observer.js';
import type { BatchContext } from '../../src/plan/config.js';
import { topicPolicy } from '../../src/plan/topic-policy.js';
import { createVeloOn } from '../../src/velo.js';
import { Consumers, text } from '../support/consumers.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';
import { kafkaError, type Stored } from '../support/memory-cluster.js';
import { MemoryTransactions } from '../support/memory-transactions.js';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
});
afterEach(() => consumers.end());

const observe = (consumer: ConsumerObserver): Observer => ({ consumer: () => consumer });
const named = (stored: Stored | undefined) =>
  Object.fromEntries((stored?.headers ?? []).map(([name, value]) => [name, value?.toString() ?? null]));
const failing = () => {
  throw new Error('no luck');
};

/** Produces records of these values, and runs a consumer for 20 s. */
async function run(config: Parameters<Consumers['start']>[0], ...values: string[]) {
  const { cluster, clock } = consumers;
  cluster.create('orders');
  cluster.produce('orders', 0, ...values);
  const test = consumers.start(config);
  await clock.advance(20_000);
  await test.joined;
  return test;
}

/** Notes the attempts of a consumer. */
class Attempts {
  readonly ended: [ObservedAttempt, AttemptEnd][] = [];
  readonly observer = observe({
    attempt: () => ({ ended: (end, attempt) => void this.ended.push([attempt, end]) }),
  });

  get ends() {
    return this.ended.map(([{ context }, { duration, failure }]) => [
      context.id,
      context.attempt,
      duration,
      failure?.category,
    ]);
  }
}

describe('an observer of attempts', () => {
  it('is told of each with its context, its duration and its failure', async () => {
    const attempts = new Attempts();
    consumers.observers = [attempts.observer];
    const { clock } = consumers;
    let call = 0;
    const handler = async () => {
      await new Promise<void>((resolve) => clock.schedule(250, resolve));
      if (++call === 1) throw kafkaError(7);
    };
    await run({ handler }, 'a');
    expect(attempts.ends).toEqual([
      ['orders/0/0', 1, 250, 'NetworkIssue'],
      ['orders/0/0', 2, 250, undefined],
    ]);
    expect(attempts.ended.map(([attempt, end]) => [attempt.batch, end.failure?.timedOut])).toEqual([
      [undefined, false],
      [undefined, undefined],
    ]);
  });

  it('knows a failed decode and a time that is over', async () => {
    const attempts = new Attempts();
    consumers.observers = [attempts.observer];
    const decode = (record: Parameters<typeof text>[0]) => {
      if (text(record) === 'broken') throw new SyntaxError('x');
      return record;
    };
    await run(
      {
        topics: { orders: topicPolicy({ decode, handler: () => new Promise(() => {}) }) },
        handlerTimeout: '1s',
        retry: { inPlace: { maxAttempts: 1 } },
      },
      'broken',
      'slow',
    );
    expect(attempts.ended.map(([, { duration, failure }]) => ({ duration, ...failure }))).toMatchObject([
      { duration: 0, stage: 'decode', timedOut: false, error: { message: 'x' } },
      { duration: 1_000, stage: 'handler', timedOut: true, category: 'NetworkIssue' },
    ]);
  });

  it('may enter a context, which holds within the handler and nowhere else, one within the other', async () => {
    const outer = new AsyncLocalStorage<string>();
    const inner = new AsyncLocalStorage<string>();
    const entering = (storage: AsyncLocalStorage<string>, name: string): Observer =>
      observe({ attempt: ({ context }) => ({ run: (handle) => storage.run(name + context.id, handle) }) });
    consumers.observers = [
      observe({ attempt: () => ({}) }),
      entering(inner, 'inner '),
      entering(outer, 'outer '),
    ];
    const seen: unknown[] = [];
    await run(
      {
        handler: async () => {
          await undefined;
          seen.push(outer.getStore(), inner.getStore());
        },
      },
      'a',
      'b',
    );
    expect(seen).toEqual(['outer orders/0/0', 'inner orders/0/0', 'outer orders/0/1', 'inner orders/0/1']);
    expect(outer.getStore()).toBeUndefined();
  });

  it('sees a batch as one attempt, what became of each record, and its halves where nobody knows', async () => {
    const attempts = new Attempts();
    consumers.observers = [attempts.observer];
    const { consumer } = await run(
      {
        handler: undefined,
        batch: {
          maxWait: '10ms',
          handler: (messages: readonly KafkaRecord[], context: BatchContext) => {
            const values = messages.map(text);
            if (values.length === 4) throw new Error('one of them');
            const bad = values.indexOf('bad');
            if (bad >= 0) context.fail(bad, new PermanentError('bad'));
          },
        },
      } as never,
      'a',
      'bad',
      'c',
      'd',
    );
    expect(consumer.health().state).toBe('running');
    const outcomes = attempts.ended.map(([{ batch = [] }, end]) =>
      batch.map(({ id }, i) => {
        const outcome = end.outcome(i);
        return [id.at(-1), typeof outcome === 'string' ? outcome : (outcome.error as Error).message];
      }),
    );
    expect(outcomes).toEqual([
      [
        ['0', 'unknown'],
        ['1', 'unknown'],
        ['2', 'unknown'],
        ['3', 'unknown'],
      ],
      [
        ['0', 'success'],
        ['1', 'bad'],
      ],
      [
        ['2', 'success'],
        ['3', 'success'],
      ],
    ]);
  });

  it.each([
    { what: 'whose partition is gone', gone: true, fails: false },
    { what: 'that fails while its consumer stops', gone: false, fails: true },
  ])('knows of one $what that it counts as none', async ({ gone, fails }) => {
    const attempts = new Attempts();
    consumers.observers = [attempts.observer];
    const { cluster, clock } = consumers;
    const handler = async (_: unknown, { signal }: { signal: AbortSignal }) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (fails) throw signal.reason;
    };
    const { consumer } = await run({ handler }, 'a');
    if (gone) cluster.members.at(-1)?.assign([]);
    else void consumer.stop({ timeout: '10s', abortAfter: '1s' });
    await clock.advance(20_000);
    expect(attempts.ended.map(([, end]) => [end.failure !== undefined, end.outcome(0)])).toEqual([
      [fails, 'unknown'],
    ]);
  });

  it('is told of a batch whose records cannot be decoded, record by record', async () => {
    const attempts = new Attempts();
    consumers.observers = [attempts.observer];
    const decode = failing as never;
    await run({ topics: { orders: { decode, batch: { handler() {} } } } } as never, 'a', 'b');
    expect(
      attempts.ended.map(([{ context, batch }, { failure }]) => [context.id, batch, failure?.stage]),
    ).toEqual([
      ['orders/0/0', undefined, 'decode'],
      ['orders/0/1', undefined, 'decode'],
    ]);
  });
});

describe('an observer of copies', () => {
  const tiers = { retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] }, handler: failing } as const;

  it('adds headers to copies in tiers and to dead letters, in place of what had their names', async () => {
    const { cluster, clock } = consumers;
    const ends: unknown[] = [];
    consumers.observers = [
      observe({
        copy: ({ kind, record, topic }) => ({
          headers: [['traceparent', `${kind} of ${record.topic}`]],
          ended: ({ outcome }: WriteEnd) => void ends.push([topic, outcome]),
        }),
      }),
    ];
    cluster.create('orders');
    cluster.produce('orders', 0, {
      headers: [
        ['traceparent', Buffer.from('own')],
        ['x', Buffer.from('1')],
      ],
    });
    const { joined } = consumers.start(tiers);
    await clock.advance(20_000);
    await joined;
    const tier = cluster.log('orders-billing-retry-5s').map(named);
    const dead = cluster.log('orders-billing-dlt').map(named);
    expect(tier).toMatchObject([{ traceparent: 'tier of orders', x: '1', 'velo-attempt': '1' }]);
    expect(dead).toMatchObject([
      { traceparent: 'dead-letter of orders-billing-retry-5s', x: '1', 'velo-attempt': '2' },
    ]);
    expect(ends).toEqual([
      ['orders-billing-retry-5s', 'written'],
      ['orders-billing-dlt', 'written'],
    ]);
  });

  it('adds no more than 400 bytes, and nothing that is no header', async () => {
    const { cluster } = consumers;
    const headers = [['a', 'x'.repeat(390)], ['b', 'y'.repeat(390)], ['c', 'z'], 'no', [1, 'x'], ['d', 4]];
    consumers.observers = [observe({ copy: () => ({ headers: headers as never }) })];
    await run({ handler: failing }, 'a');
    const names = Object.keys(named(cluster.log('orders-billing-dlt')[0]));
    expect(names.filter((name) => !name.startsWith('velo-'))).toEqual(['a', 'c']);
  });

  it('adds nothing to a copy that is too large, and is told of one end', async () => {
    const { cluster } = consumers;
    const ends: unknown[] = [];
    let tooLarge = 2;
    cluster.onPublish = ({ topic }) => (topic.endsWith('dlt') && tooLarge-- > 0 ? kafkaError(10) : undefined);
    consumers.observers = [
      observe({
        copy: () => ({ headers: [['extra', 'x']], ended: ({ outcome }) => void ends.push(outcome) }),
      }),
    ];
    await run({ handler: failing }, 'a');
    expect(named(cluster.log('orders-billing-dlt')[0])).not.toHaveProperty('extra');
    expect(ends).toEqual(['written']);
  });

  it('is told of a copy that is refused', async () => {
    const { cluster } = consumers;
    const ends: unknown[] = [];
    cluster.onPublish = ({ topic }) => (topic.endsWith('dlt') ? kafkaError(44, 'not by policy') : undefined);
    consumers.observers = [
      observe({ copy: () => ({ ended: ({ outcome, error }) => void ends.push([outcome, String(error)]) }) }),
    ];
    await run({ handler: failing, refused: 'skip' }, 'a');
    expect(ends).toEqual([['refused', expect.stringContaining('not by policy')]]);
  });
});

describe.each(['at-least-once', 'transactional'] as const)('an observer of replays, %s', (handOff) => {
  it('adds headers to them, is told of each once, and of none that is only tried out', async () => {
    const test = new DeadLettersInTest();
    if (handOff === 'transactional') test.cluster.transactions = new MemoryTransactions(test.cluster);
    const seen: unknown[] = [];
    const operations: ClientOperation[] = [];
    test.observers = [
      {
        deadLetters: ({ groupId }) => ({
          copy: ({ kind, topic }) => ({
            headers: [['traceparent', `of ${groupId}`]],
            ended: ({ outcome }) => void seen.push([kind, topic, outcome]),
          }),
          operation: (operation) => void operations.push(operation),
        }),
      },
    ];
    test.cluster.produce('orders-billing-dlt', 0, died({ headers: [['traceparent', Buffer.from('own')]] }));
    const letters = test.letters();
    await test.done(letters.replay({ dryRun: true }));
    expect(seen).toEqual([]);
    await test.done(letters.replay());
    expect(seen).toEqual([['replay', 'orders-billing-replay', 'written']]);
    expect(named(test.cluster.log('orders-billing-replay')[0])).toMatchObject({
      traceparent: 'of billing',
      'velo-replays': '1',
    });
    const name = handOff === 'transactional' ? 'transact' : 'send';
    expect(operations).toContainEqual(expect.objectContaining({ name, error: undefined }));
    await test.end();
  });
});

describe('an observer of a producer', () => {
  it('adds headers to what is sent, and is told of the end and of the requests', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const ends: unknown[] = [];
    const operations: unknown[] = [];
    let failures = 1;
    cluster.onPublish = () => (failures-- > 0 ? kafkaError(7) : undefined);
    consumers.observers = [
      {
        producer: () => ({
          send: ({ records }) => ({
            headers: ({ topic }) => [['traceparent', `to ${topic}`]],
            ended: ({ outcome, duration }) => void ends.push([records.length, outcome, duration]),
          }),
          operation: ({ name, topic, partition, count, error }) =>
            void operations.push([name, topic, partition, count, (error as Error | undefined)?.message]),
        }),
      },
    ];
    const producer = consumers.velo().producer();
    const sent = producer.send({
      topic: 'orders',
      messages: [{ value: 'a' }, { value: 'b', headers: { traceparent: 'own' } }],
    });
    await clock.advance(1_000);
    await sent;
    expect(cluster.log('orders').map(named)).toEqual([
      { traceparent: 'to orders' },
      { traceparent: 'to orders' },
    ]);
    expect(ends).toEqual([[2, 'written', 100]]);
    expect(operations).toEqual([
      ['send', 'orders', 0, 1, undefined],
      ['send', 'orders', 0, 1, 'code 7'],
      ['send', 'orders', 0, 1, undefined],
    ]);
  });

  it('is told what a send was rejected with', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    cluster.onPublish = () => kafkaError(44, 'not by policy');
    const ends: WriteEnd[] = [];
    consumers.observers = [{ producer: () => ({ send: () => ({ ended: (end) => void ends.push(end) }) }) }];
    const sent = consumers
      .velo()
      .producer()
      .send({ topic: 'orders', messages: [{ value: 'a' }] });
    sent.catch(() => {});
    await clock.advance(1_000);
    await expect(sent).rejects.toThrow('not by policy');
    expect(ends).toMatchObject([{ outcome: 'refused', error: { message: 'not by policy' } }]);
  });
});

describe('an observer of a consumer', () => {
  it('is told of what is received, of commits with their errors, and of the events it names', async () => {
    const { cluster, clock } = consumers;
    const received: unknown[] = [];
    const operations: ClientOperation[] = [];
    const events: unknown[] = [];
    const seen: unknown[] = [];
    let refusals = 1;
    cluster.onCommit = (offsets) => {
      if (offsets.some(({ offset }) => offset === 2) && refusals-- > 0) throw kafkaError(16, 'moved');
    };
    consumers.observers = [
      {
        consumer: ({ groupId, topics }) => {
          seen.push(groupId, topics);
          return {
            received: ({ topic, partition }, count) => void received.push([topic, partition, count]),
            operation: (operation) => void operations.push(operation),
            on: {
              commitFailed: ({ error }) => void events.push(String(error)),
              stopped: (event) => void events.push(event),
            },
          };
        },
      },
    ];
    const { consumer } = await run({}, 'a', 'b');
    const stopping = consumer.stop();
    await clock.advance(10_000);
    await stopping;
    expect(seen).toEqual(['billing', ['orders']]);
    expect(received).toEqual([['orders', 0, 2]]);
    expect(operations.filter(({ name, error }) => name === 'commit' && error !== undefined)).toMatchObject([
      { topic: 'orders', partition: 0, count: 1, error: { message: 'moved' } },
    ]);
    expect(operations.at(-1)).toMatchObject({ name: 'commit', error: undefined });
    expect(events).toEqual(['KafkaJSProtocolError: moved', { finished: true }]);
  });

  it('is told of transactions', async () => {
    const { cluster } = consumers;
    cluster.transactions = new MemoryTransactions(cluster);
    const operations: ClientOperation[] = [];
    consumers.observers = [observe({ operation: (operation) => void operations.push(operation) })];
    await run({ handler: failing, handOff: 'transactional' }, 'a');
    expect(operations.filter(({ name }) => name === 'transact')).toMatchObject([
      { topic: 'orders-billing-dlt', count: 1, error: undefined },
    ]);
  });
});

describe('an observer that fails', () => {
  const fails = {
    throws: failing,
    rejects: async () => failing(),
    'gives back nonsense': () => 7,
    'gives back what throws': () => new Proxy({}, { get: failing }),
  } as const;

  it.each(Object.entries(fails))('%s: everything goes on, and nothing is lost', async (_, fail) => {
    const bad = fail as never;
    const watched = { run: bad, ended: bad, headers: bad };
    const all = {
      copy: bad,
      operation: bad,
      attempt: bad,
      received: bad,
      send: bad,
      on: { deadLetter: bad },
    };
    const deeper = { ...all, copy: () => watched, attempt: () => watched, send: () => watched };
    consumers.observers = [
      { consumer: bad, producer: bad },
      { consumer: () => all as never, producer: () => all as never },
      { consumer: () => deeper as never, producer: () => deeper as never },
    ];
    const { cluster, clock } = consumers;
    const handled: unknown[] = [];
    await run(
      {
        handler: async (record) => {
          handled.push(text(record));
          if (text(record) === 'bad') throw new PermanentError('bad');
        },
      },
      'a',
      'bad',
      'c',
    );
    expect(handled).toEqual(['a', 'bad', 'c']);
    expect(cluster.values('orders-billing-dlt')).toEqual(['bad']);
    expect(cluster.committedOffset('orders')).toBe(3);
    const sent = consumers
      .velo()
      .producer()
      .send({ topic: 'orders', messages: [{ value: 'd' }] });
    await clock.advance(1_000);
    await expect(sent).resolves.toMatchObject([{ offset: '3' }]);
    expect(handled).toEqual(['a', 'bad', 'c', 'd']);
  });

  it('is told of at most once a minute, with the number left out', async () => {
    const { clock, warnings } = consumers;
    consumers.observers = [observe({ attempt: failing })];
    const { consumer } = await run({}, 'a', 'b', 'c');
    const told = () => warnings.filter((line) => line.includes('An observer has failed'));
    expect(told()).toEqual([expect.stringMatching(/An observer has failed: no luck\. Nothing is lost/)]);
    await clock.advance(60_000);
    consumers.cluster.produce('orders', 0, 'd');
    await clock.advance(1_000);
    expect(told().at(-1)).toContain('So have 2 other calls since this was last told.');
    expect(consumer.health().state).toBe('running');
  });

  it('runs the handler once, whether its `run` calls it never, twice or later', async () => {
    let later = () => {};
    const runs = [
      () => {},
      (handle: () => void) => {
        handle();
        handle();
      },
      (handle: () => void) => {
        later = handle;
      },
    ];
    consumers.observers = runs.map((run) => observe({ attempt: () => ({ run }) }));
    const handled: unknown[] = [];
    await run({ handler: (record) => void handled.push(text(record)) }, 'a', 'b');
    later();
    expect(handled).toEqual(['a', 'b']);
  });
});

it.each([
  { observers: {}, message: 'observers' },
  { observers: [undefined], message: 'one of observers' },
  { observers: [{ consumers: () => {} }], message: 'one of observers' },
])('$observers are refused as observers', ({ observers, message }) => {
  expect(() => createVeloOn(consumers.cluster.open, { env: {}, observers: observers as never })).toThrow(
    message,
  );
});
