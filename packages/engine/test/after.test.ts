import { RetriableError } from '@velo/retry-core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptHost } from '../src/attempts/attempt-host.js';
import { readTierRecord } from '../src/attempts/tier-record.js';
import type { KafkaRecord } from '../src/binding/record.js';
import { nextPass } from '../src/failures/passes.js';
import type { BatchContext, HandlerContext } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import type { Route } from '../src/plan/plan-topic.js';
import { Consumers, text } from './support/consumers.js';
import { copyOf, recordWith } from './support/copies.js';
import { kafkaError } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

const POLICY_VIOLATION = 44;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
});
afterEach(() => consumers.end());

interface Start {
  readonly at: number;
  readonly topic: string;
  readonly tier: number;
  readonly attempt: number;
  readonly totalAttempts: number;
}

/** A consumer of orders; `late` asks for a wait whenever it fails, `busy` fails as any. */
function handling(
  tiers: readonly (number | `${number}ms`)[],
  fails: (value: string | null, total: number) => unknown,
  more: object = {},
) {
  const { clock } = consumers;
  const starts = new Map<string | null, Start[]>();
  const running = consumers.start(
    {
      retry: { tiers, inPlace: { maxAttempts: 1 } },
      handler: (record, { attempt, tier, totalAttempts }) => {
        const value = text(record);
        const list = starts.get(value) ?? [];
        starts.set(value, [...list, { at: clock.now(), topic: record.topic, tier, attempt, totalAttempts }]);
        const error = fails(value, totalAttempts);
        if (error !== undefined) throw error;
      },
      ...more,
    },
    'deferred',
    'deadLetter',
    'handOff',
  );
  return { ...running, startsOf: (value: string) => starts.get(value) ?? [] };
}

const once = (after: number | Date) => (value: string | null, total: number) =>
  value === 'late' && total === 1 ? new RetriableError('later', { after }) : undefined;

describe('after is kept', () => {
  it.each([
    { tiers: [500], after: 10 * SECOND },
    { tiers: [5 * SECOND, MINUTE, 10 * MINUTE], after: 25 * MINUTE },
    { tiers: [5 * SECOND, MINUTE, 10 * MINUTE], after: 2 * HOUR },
    { tiers: [MINUTE, 5 * SECOND], after: 3 * MINUTE },
  ])('$after ms by tiers of $tiers ms', async ({ tiers, after }) => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    const { startsOf, told } = handling(tiers, once(after));
    await clock.advance(after + MINUTE);
    const [first, second, ...more] = startsOf('late');
    expect(more).toEqual([]);
    const waited = (second?.at ?? Number.NaN) - (first?.at ?? 0);
    expect(waited).toBeGreaterThanOrEqual(after);
    expect(waited).toBeLessThan(after + 500);
    // Passes are no attempts, and the next one is of the last tier, wherever the copy has waited.
    expect(second).toMatchObject({ attempt: 1, totalAttempts: 2, tier: tiers.length });
    expect(told('deferred').length).toBeGreaterThan(0);
    expect(told('handOff')).toMatchObject([{ nextTier: tiers.length, delay: after }]);
  });

  it('whatever the tiers are: never early, hardly late, and in few passes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 400 }),
        async (seconds, afterSeconds) => {
          await consumers.end();
          consumers = new Consumers();
          consumers.cluster.create('orders');
          const { cluster, clock } = consumers;
          const tiers = [...new Set(seconds)].map((wait) => wait * SECOND);
          const [after, longest, shortest] = [afterSeconds * SECOND, Math.max(...tiers), Math.min(...tiers)];
          cluster.produce('orders', 0, 'late');
          const { startsOf, told } = handling(tiers, once(after));
          await clock.advance(after + longest + SECOND);
          const [first, second] = startsOf('late');
          const waited = (second?.at ?? Number.NaN) - (first?.at ?? 0);
          expect(waited).toBeGreaterThanOrEqual(after);
          // A tier that is long enough is waited for as a whole.
          expect(waited).toBeLessThan(Math.max(after, after <= longest ? longest : 0) + 500);
          expect(told('deferred').length).toBeLessThanOrEqual(
            after / longest + (tiers.length * longest) / shortest,
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  it('holds no other record back, in the source or in the tier', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late', 'busy');
    const fails = (value: string | null, total: number) =>
      value === 'busy' && total === 1 ? new Error('busy') : once(HOUR)(value, total);
    const { startsOf } = handling([500], fails);
    await clock.advance(2 * SECOND);
    cluster.produce('orders', 0, 'next');
    await clock.advance(2 * SECOND);
    const [first, second] = startsOf('busy');
    expect((second?.at ?? Number.NaN) - (first?.at ?? 0)).toBeLessThan(600);
    expect(startsOf('next')).toHaveLength(1);
    expect(startsOf('late')).toHaveLength(1);
    await clock.advance(HOUR);
    expect(startsOf('late')).toHaveLength(2);
  });

  it('in the last tier too, which counts its attempts on, and gives it up as it would in place', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    const { startsOf, told } = handling([5 * SECOND], () => new RetriableError('later', { after: MINUTE }), {
      retry: { tiers: [5 * SECOND], inPlace: { maxAttempts: 3 } },
    });
    await clock.advance(10 * MINUTE);
    const starts = startsOf('late');
    expect(starts.map(({ tier, attempt, totalAttempts }) => [tier, attempt, totalAttempts])).toEqual([
      [0, 1, 1],
      [1, 1, 2],
      [1, 2, 3],
      [1, 3, 4],
    ]);
    for (const [i, { at }] of starts.slice(1).entries())
      expect(at - (starts[i]?.at ?? 0)).toBeGreaterThanOrEqual(MINUTE);
    expect(told('deadLetter')).toMatchObject([{ reason: 'exhausted', totalAttempts: 4 }]);
  });

  it.each(['at-least-once', 'transactional'] as const)('over a restart, %s', async (handOff) => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    cluster.transactions = new MemoryTransactions(cluster);
    const began = clock.now();
    const first = handling([5 * SECOND], once(MINUTE), { handOff });
    await clock.advance(17 * SECOND);
    const stopped = first.consumer.stop();
    await clock.advance(SECOND);
    await stopped;
    const second = handling([5 * SECOND], once(MINUTE), { handOff });
    await clock.advance(2 * MINUTE);
    expect(first.startsOf('late')).toHaveLength(1);
    expect(second.startsOf('late')).toMatchObject([{ totalAttempts: 2 }]);
    expect((second.startsOf('late')[0]?.at ?? 0) - began).toBeGreaterThanOrEqual(MINUTE);
    expect((second.startsOf('late')[0]?.at ?? 0) - began).toBeLessThan(MINUTE + 2 * SECOND);
  });

  it.each([
    { how: 'in batches', handlers: 'batch' },
    { how: 'side by side', handlers: 16 },
  ] as const)('$how', async ({ handlers }) => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late', 'good');
    const starts: number[] = [];
    const handle = (record: KafkaRecord, { totalAttempts }: HandlerContext) => {
      if (text(record) !== 'late') return;
      starts.push(clock.now());
      if (totalAttempts === 1) throw new RetriableError({ after: MINUTE });
    };
    const each = (records: readonly KafkaRecord[], { contexts }: BatchContext) => {
      for (const [i, record] of records.entries()) handle(record, contexts[i] as HandlerContext);
    };
    consumers.start({
      retry: { tiers: [5 * SECOND], inPlace: { maxAttempts: 1 } },
      ...(handlers === 'batch'
        ? { handler: undefined, batch: { handler: each } }
        : { handler: handle, concurrency: handlers }),
    });
    await clock.advance(2 * MINUTE);
    const waited = (starts.at(-1) ?? 0) - (starts[0] ?? 0);
    expect(waited).toBeGreaterThanOrEqual(MINUTE);
    expect(waited).toBeLessThan(MINUTE + SECOND);
  });

  it('in a tier that was taken out of the configuration', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    const began = clock.now();
    const first = handling([5 * SECOND], once(MINUTE));
    await clock.advance(7 * SECOND);
    const stopped = first.consumer.stop();
    await clock.advance(SECOND);
    await stopped;
    const { startsOf } = handling([], once(MINUTE));
    await clock.advance(2 * MINUTE);
    const waited = (startsOf('late')[0]?.at ?? Number.NaN) - began;
    expect(waited).toBeGreaterThanOrEqual(MINUTE);
    expect(waited).toBeLessThan(MINUTE + 2 * SECOND);
  });

  it('only as far as the longest tier waits where keepKeyOrder holds the order of keys', async () => {
    const { cluster, clock } = consumers;
    for (const value of ['late', 'next'])
      cluster.produce('orders', 0, { key: Buffer.from('k'), value: Buffer.from(value) });
    const { startsOf, told } = handling([5 * SECOND], once(MINUTE), {
      retry: { tiers: [5 * SECOND], inPlace: { maxAttempts: 1 }, keepKeyOrder: true },
    });
    await clock.advance(2 * MINUTE);
    const [first, second] = startsOf('late');
    expect((second?.at ?? Number.NaN) - (first?.at ?? 0)).toBeLessThan(6 * SECOND);
    expect(startsOf('next')[0]?.at).toBeGreaterThanOrEqual(second?.at ?? Number.NaN);
    expect(told('deferred')).toEqual([]);
  });

  it('and where no tier takes its copy any more, it goes to the dead letters', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    const { startsOf, told } = handling([5 * SECOND], once(MINUTE));
    await clock.advance(2 * SECOND);
    cluster.onPublish = ({ topic }) => (topic.endsWith('-dlt') ? undefined : kafkaError(POLICY_VIOLATION));
    await clock.advance(10 * SECOND);
    expect(startsOf('late')).toHaveLength(1);
    expect(told('deadLetter')).toMatchObject([{ reason: 'refused', totalAttempts: 1 }]);
  });

  it('a bad one is told, and the record waits as after any failure', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'late');
    const { startsOf, told } = handling([5 * SECOND], (_, total) => {
      if (total > 1) return undefined;
      throw RetriableError.fromResponse({ headers: { 'retry-after': 'soon' } });
    });
    await clock.advance(6 * SECOND);
    expect(startsOf('late')).toHaveLength(2);
    expect(told('handOff')).toMatchObject([{ error: { code: 'VELO_INVALID_OPTION' }, delay: 5 * SECOND }]);
  });
});

describe('a forged wait', () => {
  const forged = (due: number) => copyOf(recordWith(), { due, waitsFor: { tierNumber: 999, attempts: 1e6 } });

  it('holds back nobody', async () => {
    const { cluster, clock } = consumers;
    const tier = 'orders-billing-retry-5s';
    cluster.create(tier);
    for (let i = 0; i < 4; i++)
      cluster.produce(tier, 0, { headers: forged(2 ** 50), timestamp: clock.wallTime() });
    cluster.produce('orders', 0, 'busy');
    const { startsOf } = handling([5 * SECOND], (_, total) => (total === 1 ? new Error('busy') : undefined));
    await clock.advance(MINUTE);
    const [first, second] = startsOf('busy');
    expect((second?.at ?? Number.NaN) - (first?.at ?? 0)).toBeLessThan(5_500);
  });

  it('beyond what anybody may ask for goes round in no copy: it is tried after one wait', async () => {
    const { cluster, clock } = consumers;
    const tier = 'orders-billing-retry-5s';
    cluster.create(tier);
    cluster.produce(tier, 0, {
      value: Buffer.from('forged'),
      headers: forged(2 ** 50),
      timestamp: clock.wallTime(),
    });
    const { startsOf, told } = handling([5 * SECOND], () => undefined);
    await clock.advance(MINUTE);
    expect(startsOf('forged')).toHaveLength(1);
    expect(told('deferred')).toEqual([]);
    expect(cluster.log(tier)).toHaveLength(1);
  });

  it('is one that may be asked for up to 366 days, and leads to no tier that there is not', () => {
    const plan = planConsumer(
      { groupId: 'billing', topics: ['orders'], retry: { tiers: ['5s'] }, handler() {} },
      0,
    );
    const route = plan.routes.get('orders-billing-retry-5s') as Route;
    const wallTime = 1e12;
    const readAt = (due: number) =>
      readTierRecord(recordWith(forged(due), route.topic), { now: 7, wallTime }, route, {
        groupId: 'billing',
      } as AttemptHost);
    const most = 366 * 24 * HOUR;
    const read = readAt(wallTime + most);
    expect(read).toMatchObject({ until: 7 + most, route: { tier: 1 }, attemptsHere: 1e6 });
    expect(read?.state.attempts).toBe(0);
    const beyond = readAt(wallTime + most + 48 * HOUR);
    expect(beyond?.until).toBe(beyond?.due);
  });
});

describe('the next pass', () => {
  const waits = (left: number, ...tiers: number[]) =>
    nextPass(
      tiers.map((wait) => ({ wait })),
      left,
    ).wait;

  it.each([
    { left: 3_000, wait: 600 },
    { left: 600, wait: 600 },
    { left: 545, wait: 600 },
    { left: 530, wait: 60 },
    { left: 60, wait: 60 },
    { left: 50, wait: 5 },
    { left: 1, wait: 5 },
  ])('of $left left is through the longest that fits: $wait', ({ left, wait }) => {
    expect(waits(left, 5, 60, 600)).toBe(wait);
    expect(waits(left, 600, 5, 60)).toBe(wait);
  });
});
