// biome-ignore-all lint/suspicious/noThenProperty: the public name of a text, which nobody awaits
import { fixed, PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../../src/binding/record.js';
import type { ConsumerConfig } from '../../src/plan/config.js';
import { type ConsumerInTest, Consumers, text } from '../support/consumers.js';
import { kafkaError } from '../support/memory-cluster.js';
import { MemoryTransactions } from '../support/memory-transactions.js';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
});
afterEach(() => consumers.end());

const LETTERS = 'orders-billing-dlt';
/** What the defaults let through. */
const LET_THROUGH = 99;

const start = (config: Partial<ConsumerConfig>): ConsumerInTest =>
  consumers.start(config, 'guarded', 'held', 'released', 'deadLetter', 'skipped', 'success');

/** A deploy that is bad until it is mended, and what it has handled. */
function deploy(isBad: (value: string) => boolean = () => true) {
  const handled: (string | null)[] = [];
  let isMended = false;
  let calls = 0;
  const handle = (record: KafkaRecord) => {
    calls++;
    if (!isMended && isBad(text(record) ?? '')) throw new TypeError(`x${calls}.map is not a function`);
    handled.push(text(record));
  };
  return {
    handler: handle as NonNullable<ConsumerConfig['handler']>,
    handle,
    handled,
    calls: () => calls,
    mend: () => {
      isMended = true;
    },
  };
}

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));

function produce(count: number, partitions = 1): void {
  consumers.cluster.create('orders', partitions);
  for (let partition = 0; partition < partitions; partition++)
    consumers.cluster.produce('orders', partition, ...numbers(count, partition * count));
}

const letters = (partitions = 1) =>
  numbers(partitions).flatMap((partition) =>
    consumers.cluster.topics.has(LETTERS) ? consumers.cluster.values(LETTERS, Number(partition)) : [],
  );

describe('a bad deploy', () => {
  const forms: [string, Partial<ConsumerConfig>, number][] = [
    ['one record at a time', {}, 1],
    ['in many partitions', {}, 8],
    ['side by side', { concurrency: 16 }, 3],
    [
      'in no order, all of them limited',
      { concurrency: { perPartition: 50, perConsumer: 60 }, order: 'none' },
      3,
    ],
    [
      'with attempts in place and a tier',
      { retry: { tiers: ['1s'], inPlace: { maxAttempts: 2, strategy: fixed(10) }, classify: () => 'retry' } },
      2,
    ],
  ];
  it.each(forms)(
    '%s: 99 are dead letters, the others are held, and handled once it is mended',
    async (_, config, partitions) => {
      produce(1_200 / partitions, partitions);
      const { handler, handled, mend } = deploy();
      const { consumer, told } = start({ ...config, handler });
      await consumers.clock.advance(60_000);

      expect(letters(partitions)).toHaveLength(LET_THROUGH);
      expect(consumer.health()).toMatchObject({
        state: 'paused',
        held: [{ topic: 'orders', reason: 'guard' }],
      });
      expect(told('guarded')).toHaveLength(1);
      expect(told('guarded')[0]).toMatchObject({ topic: 'orders', deadLetters: 100, share: 1 });

      mend();
      consumer.resume(['orders']);
      await consumers.clock.advance(60_000);

      expect(letters(partitions)).toHaveLength(LET_THROUGH);
      expect([...handled, ...letters(partitions)].sort()).toEqual(numbers(1_200).sort());
      expect(consumer.health()).toMatchObject({ state: 'running', held: [] });
      expect(told('released')).toHaveLength(1);
      for (let partition = 0; partition < partitions; partition++)
        expect(consumers.cluster.committedOffset('orders', partition)).toBe(1_200 / partitions);
    },
  );

  it('of a batch’s handler: the same', async () => {
    produce(1_000);
    const { handle, handled, mend } = deploy();
    const { consumer } = start({
      handler: undefined as never,
      batch: {
        maxRecords: 200,
        handler: (records, { fail }) => {
          for (const [i, record] of records.entries()) {
            try {
              handle(record);
            } catch (error) {
              fail(i, error);
            }
          }
        },
      },
    });
    await consumers.clock.advance(10_000);
    expect(letters()).toHaveLength(LET_THROUGH);

    mend();
    consumer.resume();
    await consumers.clock.advance(10_000);

    expect(letters()).toHaveLength(LET_THROUGH);
    expect([...handled, ...letters()].sort()).toEqual(numbers(1_000).sort());
  });

  it.each(['by-partition', 'by-member'] as const)('by transaction, %s: the same', async (scope) => {
    consumers.cluster.transactions = new MemoryTransactions(consumers.cluster, scope);
    produce(300, 2);
    const { handler, handled, mend } = deploy();
    const { consumer } = start({ handler, handOff: 'transactional' });
    await consumers.clock.advance(10_000);
    expect(letters(2)).toHaveLength(LET_THROUGH);

    mend();
    consumer.resume();
    await consumers.clock.advance(10_000);

    expect([...handled, ...letters(2)].sort()).toEqual(numbers(600).sort());
  });

  it('that makes decode fail, or that is skipped: the same', async () => {
    produce(500);
    const { told } = start({
      exhausted: { action: 'skip' },
      decode: (record) => JSON.parse(`{${text(record)}`),
    });
    await consumers.clock.advance(10_000);
    expect(told('skipped')).toHaveLength(LET_THROUGH);
  });

  it('is told once, with the commonest error and what to do', async () => {
    produce(500);
    const { told } = start({ handler: deploy().handler });
    await consumers.clock.advance(10_000);
    expect(consumers.errors).toEqual([told('guarded')[0]?.explanation]);
    expect(consumers.errors[0]).toMatch(
      /TypeError: x1\.map is not a function \(100 of 100\).*consumer\.resume\(\['orders'\]\)/,
    );
    expect(told('guarded')[0]?.record.offset).toBe('99');
    expect(told('guarded')[0]?.error).toBeInstanceOf(TypeError);
    expect(told('held')).toHaveLength(1);
  });

  it('that was not mended when it was resumed costs as many again, and no more', async () => {
    produce(500);
    const { consumer, told } = start({ handler: deploy().handler });
    await consumers.clock.advance(10_000);
    consumer.resume();
    await consumers.clock.advance(10_000);
    expect(letters()).toHaveLength(2 * LET_THROUGH);
    expect(told('guarded')).toHaveLength(2);
  });

  it('where the consumer stops for it: it is dead, and nothing more is lost', async () => {
    produce(500);
    const { consumer, told } = start({ handler: deploy().handler, flow: { guard: { then: 'stop' } } });
    await consumers.clock.advance(60_000);
    expect(letters()).toHaveLength(LET_THROUGH);
    expect(consumer.health()).toMatchObject({ state: 'dead', error: { code: 'VELO_CONSUMER_DEAD' } });
    expect(consumer.health().error?.message).toContain('TypeError');
    expect(told('guarded')).toHaveLength(1);
    expect(consumers.cluster.committedOffset('orders')).toBe(LET_THROUGH);
  });

  it('of one topic holds no other', async () => {
    consumers.cluster.create('payments');
    consumers.cluster.produce('payments', 0, ...numbers(300));
    produce(300);
    const { handler } = deploy();
    const good: (string | null)[] = [];
    const { consumer } = start({
      handler: undefined as never,
      topics: { orders: { handler }, payments: { handler: (record) => void good.push(text(record)) } },
    });
    await consumers.clock.advance(10_000);
    expect(good).toHaveLength(300);
    expect(consumer.health().held).toMatchObject([{ topic: 'orders' }]);
  });

  it('may be stopped, and another start goes on where it stood', async () => {
    produce(300);
    const { handler, handled, mend } = deploy();
    const { consumer } = start({ handler });
    await consumers.clock.advance(10_000);
    const stopped = consumer.stop();
    await consumers.clock.advance(1_000);
    await stopped;
    expect(consumer.health().state).toBe('stopped');

    mend();
    start({ handler });
    await consumers.clock.advance(10_000);
    expect(letters()).toHaveLength(LET_THROUGH);
    expect([...handled, ...letters()].sort()).toEqual(numbers(300).sort());
  });

  it('stays held over a rebalance that takes its partition away and one that gives it back', async () => {
    produce(300);
    const { handler, handled, mend, calls } = deploy();
    const { consumer } = start({ handler });
    await consumers.clock.advance(10_000);
    const [member] = consumers.cluster.members;
    member?.assign([]);
    await consumers.clock.advance(1_000);
    member?.assignAll();
    await consumers.clock.advance(10_000);
    expect(calls()).toBe(LET_THROUGH + 1);
    expect(consumer.health().held).toHaveLength(1);

    mend();
    consumer.resume();
    await consumers.clock.advance(10_000);
    expect([...handled, ...letters()].sort()).toEqual(numbers(300).sort());
  });

  it('whose tier refuses each copy for good: those that would be dead letters for it are held, and go to the tier then', async () => {
    produce(300);
    consumers.cluster.onPublish = ({ topic }) => (topic.includes('retry') ? kafkaError(87) : undefined);
    const { consumer } = start({
      handler: () => {
        throw new Error('down');
      },
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['1h'] },
    });
    await consumers.clock.advance(10_000);
    expect(letters()).toHaveLength(LET_THROUGH);
    expect(consumer.health().held).toHaveLength(1);

    consumers.cluster.onPublish = () => undefined;
    consumer.resume();
    await consumers.clock.advance(10_000);
    expect(consumers.cluster.values('orders-billing-retry-1h')).toHaveLength(300 - LET_THROUGH);
    expect(letters()).toHaveLength(LET_THROUGH);
  });
});

describe('what is no bad deploy never meets the guard', () => {
  const poison = (isPoison: (i: number) => boolean) => (record: KafkaRecord) => {
    if (isPoison(Number(text(record)))) throw new PermanentError('poison');
  };
  it.each<[string, (i: number) => boolean, number]>([
    ['one poison record in a thousand', (i) => i % 1_000 === 7, 120_000],
    ['one in a hundred', (i) => i % 100 === 7, 15_000],
    ['one in three', (i) => i % 3 === 1, 3_000],
    ['a burst of 99', (i) => i < 99, 300],
    ['a burst of 60, and one in a hundred after it', (i) => i < 60 || i % 100 === 7, 15_000],
  ])('%s', async (_, isPoison, count) => {
    produce(count);
    const { consumer, told } = start({ handler: poison(isPoison), buffer: { records: count } });
    await consumers.clock.advance(60_000);
    expect(told('guarded')).toEqual([]);
    expect(consumer.health().state).toBe('running');
    expect(consumers.cluster.committedOffset('orders')).toBe(count);
    expect(letters()).toHaveLength(numbers(count).filter((i) => isPoison(Number(i))).length);
  });

  it('a slow topic that holds nothing but poison, one a minute for hours', async () => {
    consumers.cluster.create('orders');
    const { told } = start({ handler: poison(() => true) });
    for (let i = 0; i < 200; i++) {
      consumers.cluster.produce('orders', 0, String(i));
      await consumers.clock.advance(60_000);
    }
    expect(told('guarded')).toEqual([]);
    expect(letters()).toHaveLength(200);
  });

  it('any, where it is off', async () => {
    produce(1_000);
    const { told } = start({ handler: deploy().handler, flow: { guard: false } });
    await consumers.clock.advance(10_000);
    expect(told('guarded')).toEqual([]);
    expect(letters()).toHaveLength(1_000);
  });
});

describe('resumeAfter', () => {
  const guard = { deadLetters: 10, resumeAfter: '30s' } as const;

  it.each([1, 8])(
    'tries one record alone, concurrency %i: while it fails, the others wait, and none is given up',
    async (concurrency) => {
      produce(100, 2);
      const { handler, calls, handled, mend } = deploy();
      const { consumer } = start({ handler, concurrency, flow: { guard } });
      await consumers.clock.advance(1_000);
      const before = calls();
      await consumers.clock.advance(70_000);
      expect(calls()).toBe(before + 2);
      expect(letters(2)).toHaveLength(9);
      mend();
      await consumers.clock.advance(40_000);
      expect(letters(2)).toHaveLength(9);
      expect(handled).toHaveLength(191);
      expect(consumer.health().held).toEqual([]);
    },
  );

  it('tries another one when the partition of the one that is tried is taken away', async () => {
    produce(100, 2);
    let isMended = false;
    let hung = 0;
    const { consumer } = start({
      flow: { guard },
      handler: () => {
        if (!isMended) throw new PermanentError('never');
        if (hung++ === 0) return new Promise(() => {});
        return undefined;
      },
    });
    await consumers.clock.advance(1_000);
    isMended = true;
    await consumers.clock.advance(30_000);
    expect(hung).toBe(1);
    const held = consumer.health().partitions.find(({ handlers }) => handlers > 0);
    consumers.cluster.members[0]?.assign([{ topic: 'orders', partition: held?.partition === 0 ? 1 : 0 }]);
    await consumers.clock.advance(1_000);
    expect(hung).toBeGreaterThan(50);
    expect(consumer.health().held).toEqual([]);
  });
});

describe('bad limits of the guard are refused', () => {
  it.each<[object, string]>([
    [{ deadLetters: 0 }, 'flow.guard.deadLetters is 0, but must be a whole number, between 1 and 10000'],
    [{ deadLetters: 1.5 }, 'flow.guard.deadLetters'],
    [{ share: 1.1 }, 'flow.guard.share is 1.1, but must be a number, between 0 and 1'],
    [{ share: Number.NaN }, 'flow.guard.share'],
    [{ share: '50%' }, 'flow.guard.share'],
    [{ within: 0 }, 'flow.guard.within'],
    [{ then: 'skip' }, "flow.guard.then is \"skip\", but must be 'pause' or 'stop'"],
    [{ then: 'stop', resumeAfter: '1m' }, 'flow.guard.resumeAfter'],
    [{ resumeAfter: 'soon' }, 'flow.guard.resumeAfter'],
    [{ deadLeters: 5 }, 'Did you mean "deadLetters"?'],
  ])('%j', (guard, message) => {
    expect(() => consumers.create({ flow: { guard } })).toThrow(message);
  });

  it.each([true, 5, 'off', null])('%j in its place', (guard) => {
    expect(() => consumers.create({ flow: { guard: guard as never } })).toThrow('flow.guard');
  });

  it('and so is a flow that is none', () => {
    expect(() => consumers.create({ flow: 'slow' as never })).toThrow('flow of consumer() takes an object');
    expect(() => consumers.create({ flow: { gard: false } as never })).toThrow('Did you mean "flow.guard"?');
  });
});

describe('explain()', () => {
  it('tells what the guard will do', () => {
    expect(consumers.create().explain()).toContain(
      'guard:    the 100th record that is given up within 10m, if they are 50 % of what ends: it is held, and all of the topic and its tiers, until resume()',
    );
    expect(
      consumers.create({ flow: { guard: { then: 'stop', deadLetters: 3, share: 0.125 } } }).explain(),
    ).toContain(
      'the 3rd record that is given up within 10m, if they are 12.5 % of what ends: the consumer stops before it',
    );
    expect(consumers.create({ flow: { guard: false } }).explain()).not.toContain('guard:');
    expect(consumers.create({ exhausted: { action: 'stop' } }).explain()).not.toContain('guard:');
  });
});
