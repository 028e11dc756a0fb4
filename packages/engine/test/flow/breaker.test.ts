import { CircuitBreaker, fixed, PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TRIALS_FOR } from '../../src/attempts/leaving.js';
import type { BreakerPolicy, ConsumerConfig } from '../../src/plan/config.js';
import { Consumers, text } from '../support/consumers.js';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
});
afterEach(() => consumers.end());

const EVENTS = ['held', 'released', 'deadLetter', 'handOff', 'guarded', 'retry'] as const;
const BREAKER = {
  minAttempts: 10,
  failureShare: 0.5,
  window: '10s',
  openFor: '5s',
} as const satisfies BreakerPolicy;
/** More attempts than open the circuit. */
const IN_PLACE = { maxAttempts: 20, strategy: fixed(10) };
const numbers = (count: number) => Array.from({ length: count }, (_, i) => String(i));

/** A service that is down until it is mended, and the calls that it got. */
function service() {
  const calls: number[] = [];
  const handled: (string | null)[] = [];
  let running = 0;
  const own = { isDown: true, calls, handled, most: 0 };
  const handler: NonNullable<ConsumerConfig['handler']> = async (record) => {
    calls.push(consumers.clock.now());
    own.most = Math.max(own.most, ++running);
    await Promise.resolve();
    running--;
    if (own.isDown) throw new Error('connect ECONNREFUSED');
    handled.push(text(record));
  };
  return Object.assign(own, { handler });
}

function produce(count: number, partitions = 1): void {
  consumers.cluster.create('orders', partitions);
  for (const [i, value] of numbers(count).entries())
    consumers.cluster.produce('orders', i % partitions, value);
}

describe('a service that is down', () => {
  const forms: [string, Partial<ConsumerConfig>, number][] = [
    ['one record at a time', {}, 1],
    ['in many partitions', {}, 6],
    ['side by side', { concurrency: 8, order: 'none' }, 2],
    [
      'through tiers',
      { retry: { inPlace: { maxAttempts: 2, strategy: fixed(10) }, tiers: ['1s', '10s'] } },
      2,
    ],
    ['limited in all', { concurrency: { perPartition: 4, perConsumer: 3 } }, 6],
  ];
  it.each(forms)(
    '%s: gets a few calls, then one alone now and then; nothing is given up, and all goes on',
    async (_, config, partitions) => {
      produce(600, partitions);
      const needed = service();
      const { consumer, told } = consumers.start(
        {
          retry: { inPlace: IN_PLACE },
          ...config,
          handler: needed.handler,
          flow: { breaker: BREAKER },
        },
        ...EVENTS,
      );
      await consumers.clock.advance(1_000);
      const before = needed.calls.length;
      expect(before).toBeLessThanOrEqual(10 + 16);
      expect(consumer.health()).toMatchObject({
        state: 'paused',
        held: [{ topic: 'orders', reason: 'breaker' }],
      });
      needed.most = 0;

      await consumers.clock.advance(120_000);
      // One each 5 to 6 s.
      expect(needed.calls.length - before).toBeGreaterThanOrEqual(20);
      expect(needed.calls.length - before).toBeLessThanOrEqual(24);
      expect(needed.most).toBe(1);
      expect(told('deadLetter')).toEqual([]);

      needed.isDown = false;
      await consumers.clock.advance(60_000);
      expect(needed.handled.toSorted()).toEqual(numbers(600).sort());
      expect(told('deadLetter')).toEqual([]);
      expect(told('held').map(({ reason }) => reason)).toEqual(['breaker']);
      expect(told('released')).toHaveLength(1);
      expect(consumer.health()).toMatchObject({ state: 'running', held: [] });
    },
  );

  /** Of values that begin with `hopeless`, each attempt fails, also when the service is well. */
  function withHopeless(needed: ReturnType<typeof service>): NonNullable<ConsumerConfig['handler']> {
    return async (record, context) => {
      await needed.handler(record, context);
      if (text(record)?.startsWith('hopeless')) {
        // One of another lane may have been handled meanwhile.
        needed.handled.splice(needed.handled.lastIndexOf(text(record)), 1);
        throw new Error('it never passes');
      }
    };
  }

  it('is tried again though a rate lets none start in that moment', async () => {
    produce(10);
    const needed = service();
    const { consumer } = consumers.start({
      retry: { inPlace: IN_PLACE },
      handler: needed.handler,
      flow: { breaker: { ...BREAKER, minAttempts: 2, openFor: 500 }, rate: { perSecond: 1 } },
    });
    await consumers.clock.advance(5_000);
    expect(consumer.health().held.map(({ reason }) => reason)).toContain('breaker');
    needed.isDown = false;
    await consumers.clock.advance(30_000);
    expect(needed.handled).toEqual(numbers(10));
  });

  it('and a record that never passes is first in line: it goes on to its tier, and others are tried', async () => {
    consumers.cluster.create('orders');
    consumers.cluster.produce('orders', 0, ...numbers(12).map(() => 'hopeless'), ...numbers(100));
    const needed = service();
    const { consumer, told } = consumers.start(
      {
        retry: { inPlace: { maxAttempts: 2, strategy: fixed(10) }, tiers: ['1s'] },
        handler: withHopeless(needed),
        flow: { breaker: BREAKER },
      },
      ...EVENTS,
    );
    await consumers.clock.advance(1_000);
    expect(consumer.health().held).toMatchObject([{ reason: 'breaker' }]);
    needed.isDown = false;
    await consumers.clock.advance(180_000);
    expect(needed.handled).toEqual(numbers(100));
    expect(told('released').length).toBeGreaterThanOrEqual(1);
    expect(consumers.cluster.committedOffset('orders')).toBe(112);
  });

  it('and a record without a tier never passes: it is kept for long, and given up then', async () => {
    consumers.cluster.create('orders');
    consumers.cluster.produce('orders', 0, 'hopeless', ...numbers(100));
    const needed = service();
    const { consumer, told } = consumers.start(
      { retry: { inPlace: IN_PLACE }, handler: withHopeless(needed), flow: { breaker: BREAKER } },
      ...EVENTS,
    );
    await consumers.clock.advance(1_000);
    needed.isDown = false;
    await consumers.clock.advance(TRIALS_FOR);
    expect(consumer.health().held).toMatchObject([{ reason: 'breaker' }]);
    expect(told('deadLetter')).toEqual([]);
    await consumers.clock.advance(120_000);
    expect(told('deadLetter')).toMatchObject([{ reason: 'exhausted' }]);
    expect(needed.handled).toEqual(numbers(100));
    expect(consumer.health()).toMatchObject({ state: 'running', held: [] });
  });

  it('and one of two partitions begins with a record that never passes: those of the other tell that it is over', async () => {
    consumers.cluster.create('orders', 2);
    consumers.cluster.produce('orders', 0, 'hopeless', ...numbers(50));
    consumers.cluster.produce('orders', 1, ...numbers(50));
    const needed = service();
    const { consumer, told } = consumers.start(
      {
        retry: { inPlace: { maxAttempts: 12, strategy: fixed(10) } },
        handler: withHopeless(needed),
        flow: { breaker: BREAKER },
      },
      ...EVENTS,
    );
    await consumers.clock.advance(1_000);
    needed.isDown = false;
    await consumers.clock.advance(20_000);
    expect(needed.handled).toHaveLength(100);
    expect(told('deadLetter')).toMatchObject([{ reason: 'exhausted' }]);
    expect(consumer.health().held).toEqual([]);
  });

  it('after thousands that went well: the same', async () => {
    produce(20_000, 6);
    const needed = service();
    needed.isDown = false;
    const { consumer } = consumers.start({ handler: needed.handler, flow: { breaker: {} } });
    await consumers.clock.advance(1_500);
    needed.isDown = true;
    for (let partition = 0; partition < 6; partition++)
      consumers.cluster.produce('orders', partition, ...numbers(100));
    await consumers.clock.advance(2_000);
    expect(consumer.health().held).toMatchObject([{ reason: 'breaker' }]);
    expect(consumers.cluster.committedOffset('orders', 0)).toBeLessThan(3_400);
  });

  it('in batches: the same, and the one that is tried is a batch of one', async () => {
    produce(300);
    let isDown = true;
    const sizes: number[] = [];
    const { told } = consumers.start(
      {
        handler: undefined as never,
        retry: { inPlace: IN_PLACE },
        batch: {
          maxRecords: 20,
          handler: (records, { fail }) => {
            sizes.push(records.length);
            if (isDown) for (const i of records.keys()) fail(i, new Error('down'));
          },
        },
        flow: { breaker: BREAKER },
      },
      ...EVENTS,
    );
    await consumers.clock.advance(1_000);
    const before = sizes.length;
    await consumers.clock.advance(30_000);
    expect(new Set(sizes.slice(before))).toEqual(new Set([1]));
    isDown = false;
    await consumers.clock.advance(60_000);
    expect(told('deadLetter')).toEqual([]);
    expect(consumers.cluster.committedOffset('orders')).toBe(300);
  });

  it('does not open the circuit by records that are at fault, and one of them decides nothing', async () => {
    produce(50);
    let isDown = false;
    const { consumer, told } = consumers.start(
      {
        retry: { inPlace: { maxAttempts: 1 } },
        handler: (record) => {
          if (isDown) throw new Error('down');
          if (Number(text(record)) < 30) throw new PermanentError('poison');
        },
        flow: { breaker: BREAKER },
      },
      ...EVENTS,
    );
    await consumers.clock.advance(1_000);
    expect(told('held')).toEqual([]);
    expect(told('deadLetter')).toHaveLength(30);
    isDown = true;
    consumers.cluster.produce('orders', 0, ...numbers(20), ...numbers(50));
    await consumers.clock.advance(1_000);
    expect(consumer.health().held).toHaveLength(1);
    isDown = false;
    // Tried first are records that are at fault.
    await consumers.clock.advance(30_000);
    expect(consumer.health().held).toEqual([]);
    expect(consumers.cluster.committedOffset('orders')).toBe(120);
  });

  it('lets another one be tried when the partition of the one that is tried goes away', async () => {
    produce(100, 2);
    let mode: 'down' | 'hung' | 'well' = 'down';
    const { consumer } = consumers.start({
      retry: { inPlace: IN_PLACE },
      handler: () => {
        if (mode === 'down') throw new Error('down');
        return mode === 'hung' ? new Promise(() => {}) : undefined;
      },
      flow: { breaker: BREAKER },
    });
    await consumers.clock.advance(1_000);
    mode = 'hung';
    await consumers.clock.advance(10_000);
    const tried = consumer.health().partitions.find(({ handlers }) => handlers > 0);
    mode = 'well';
    const left = { topic: 'orders', partition: tried?.partition === 0 ? 1 : 0 };
    consumers.cluster.members[0]?.assign([left]);
    await consumers.clock.advance(1_000);
    expect(consumer.health().held).toEqual([]);
    expect(consumers.cluster.committedOffset('orders', left.partition)).toBe(50);
  });

  it('and a pause that overlap hold until both are over', async () => {
    produce(100);
    const needed = service();
    const { consumer } = consumers.start({
      handler: needed.handler,
      flow: { breaker: BREAKER },
      retry: { inPlace: IN_PLACE },
    });
    await consumers.clock.advance(1_000);
    consumer.pause();
    expect(consumer.health().held.map(({ reason }) => reason)).toEqual(['breaker', 'user']);
    const before = needed.calls.length;
    await consumers.clock.advance(60_000);
    expect(needed.calls).toHaveLength(before);
    consumer.resume();
    needed.isDown = false;
    await consumers.clock.advance(10_000);
    expect(needed.handled).toHaveLength(100);
  });
});

describe('a probe', () => {
  const start = (probe: BreakerPolicy['probe']) => {
    produce(100);
    const needed = service();
    const running = consumers.start(
      {
        handler: needed.handler,
        retry: { inPlace: IN_PLACE },
        flow: { breaker: { ...BREAKER, probe } },
      },
      ...EVENTS,
    );
    return { ...running, needed };
  };

  it.each<[string, (signal: AbortSignal) => unknown, string]>([
    ['gives back false', () => false, 'it gave back false'],
    ['resolves with false', async () => false, 'it gave back false'],
    [
      'throws',
      () => {
        throw new Error('still down');
      },
      'still down',
    ],
    ['is rejected', () => Promise.reject(new Error('still down')), 'still down'],
    [
      'throws what is odd',
      () => {
        throw Object.create(null);
      },
      '',
    ],
    ['never settles', () => new Promise(() => {}), 'it has not ended within 5s'],
  ])(
    'that %s keeps the source held, with no attempt, and is told once a minute',
    async (_, probe, reason) => {
      const { needed, consumer } = start(probe);
      await consumers.clock.advance(1_000);
      const before = needed.calls.length;
      await consumers.clock.advance(58_000);
      expect(needed.calls).toHaveLength(before);
      expect(consumer.health().held).toHaveLength(1);
      const told = consumers.warnings.filter((warning) => warning.includes('flow.breaker.probe'));
      expect(told).toHaveLength(1);
      expect(told[0]).toContain(reason);
    },
  );

  it.each<[string, () => unknown]>([
    ['gives back true', () => true],
    ['resolves with nothing', async () => {}],
  ])('that %s lets all go on', async (_, probe) => {
    const { needed, consumer } = start(probe);
    await consumers.clock.advance(1_000);
    needed.isDown = false;
    await consumers.clock.advance(6_000);
    expect(needed.handled).toHaveLength(100);
    expect(consumer.health().held).toEqual([]);
  });

  it('is aborted after its time, and by a stop', async () => {
    const signals: AbortSignal[] = [];
    const { consumer } = start((signal) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    await consumers.clock.advance(14_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    while (signals.length < 2) await consumers.clock.advance(100);
    const stopped = consumer.stop();
    await consumers.clock.advance(1);
    await stopped;
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    expect(consumers.clock.pending).toBe(0);
  });
});

describe('a CircuitBreaker that is shared', () => {
  it('holds all consumers, by what one of them or the code that calls the service has seen', async () => {
    const circuit = new CircuitBreaker({ failures: 5, openFor: 5_000 });
    for (const topic of ['orders', 'payments']) {
      consumers.cluster.create(topic);
      consumers.cluster.produce(topic, 0, ...numbers(20));
    }
    let isDown = false;
    const handler = async () => {
      await circuit.run(
        async () => {
          if (isDown) throw new Error('down');
        },
        () => consumers.clock.now(),
      );
    };
    const config = { handler, flow: { breaker: circuit }, retry: { inPlace: IN_PLACE } };
    const both = ['orders', 'payments'].map((topic) =>
      consumers.start({ ...config, groupId: topic, topics: [topic] }, ...EVENTS),
    );
    await consumers.clock.advance(1_000);
    for (const topic of ['orders', 'payments']) expect(consumers.cluster.committedOffset(topic)).toBe(20);
    for (let i = 0; i < 5; i++) circuit.failed(consumers.clock.now());
    isDown = true;
    for (const topic of ['orders', 'payments']) consumers.cluster.produce(topic, 0, ...numbers(20));
    await consumers.clock.advance(30_000);
    expect(both.map(({ consumer }) => consumer.health().held.map(({ reason }) => reason))).toEqual([
      ['breaker'],
      ['breaker'],
    ]);
    isDown = false;
    await consumers.clock.advance(30_000);
    for (const { told, consumer } of both) {
      expect(told('deadLetter')).toEqual([]);
      expect(consumer.health().held).toEqual([]);
    }
    for (const topic of ['orders', 'payments']) expect(consumers.cluster.committedOffset(topic)).toBe(40);
  });

  it('that is open already holds from the start', async () => {
    const circuit = new CircuitBreaker({ failures: 1, openFor: 5_000 });
    circuit.failed(consumers.clock.now());
    produce(3);
    const { consumer } = consumers.start({ flow: { breaker: circuit } });
    await consumers.clock.advance(1_000);
    expect(consumers.cluster.committedOffset('orders')).toBe(0);
    expect(consumer.health().held).toHaveLength(1);
    await consumers.clock.advance(6_000);
    expect(consumers.cluster.committedOffset('orders')).toBe(3);
  });
});

describe('bad limits are refused', () => {
  it.each<[object, string]>([
    [
      { breaker: { failureShare: 0 } },
      'flow.breaker.failureShare is 0, but must be a number, between 0.001 and 1',
    ],
    [{ breaker: { failureShare: 1.5 } }, 'flow.breaker.failureShare'],
    [{ breaker: { minAttempts: 0 } }, 'flow.breaker.minAttempts is 0, but must be a whole number, between 1'],
    [{ breaker: { window: 1 } }, 'flow.breaker.window'],
    [{ breaker: { openFor: 0 } }, 'flow.breaker.openFor'],
    [{ breaker: { probe: 'http://x' } }, 'flow.breaker.probe is "http://x", but must be a function'],
    [{ breaker: { failureshare: 1 } }, 'Did you mean "failureShare"?'],
    [{ breaker: true }, 'flow.breaker'],
    [{ rate: { perSecond: 0 } }, 'flow.rate.perSecond is 0, but must be a number, between 0.001'],
    [{ rate: {} }, 'flow.rate.perSecond'],
    [{ rate: { perSecond: -1 } }, 'flow.rate.perSecond'],
    [{ rate: { perSecond: 5, burst: 0 } }, 'flow.rate.burst'],
    [{ rate: 5 }, 'flow.rate of consumer() takes an object'],
    [{ retryBudget: { ratio: -1 } }, 'flow.retryBudget.ratio'],
    [{ retryBudget: { minPerSecond: 0 } }, 'flow.retryBudget.minPerSecond'],
    [{ retryBudget: { capacity: 0 } }, 'flow.retryBudget.capacity'],
  ])('%j', (flow, message) => {
    expect(() => consumers.create({ flow: flow as never })).toThrow(message);
  });
});

describe('explain()', () => {
  it('tells each limit that is set', () => {
    const text = consumers
      .create({ flow: { breaker: { probe: () => true }, rate: { perSecond: 500 }, retryBudget: {} } })
      .explain();
    expect(text).toContain('rate:     500 attempts begin in a second, evenly, up to 5 at once after a rest');
    expect(text).toContain(
      'breaker:  if 50 % of the latest 20 attempts or more, within 30s, fail, not by the fault of their records: nothing of the topic and its tiers starts, and no attempt is used up, until the probe says that all is well, tried each 30s',
    );
    expect(text).toContain(
      'budget:   0.2 attempts in place for each success, 10 a second in any case, up to 100 saved up; above it a record waits in place',
    );
    expect(consumers.create({ flow: { breaker: new CircuitBreaker() } }).explain()).toContain(
      'breaker:  if the circuit that it shares opens: nothing of',
    );
  });
});
