import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { latestDue } from '../src/headers/retry-state.js';
import { Consumers, text } from './support/consumers.js';
import { copyOf, recordWith } from './support/copies.js';

const TIER = 'orders-billing-retry-2s';
const YEAR = 31_536_000_000;

let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
  consumers.cluster.create(TIER);
});
afterEach(() => consumers.end());

const stamped = (timestamp: number) => ({ ...recordWith(), timestamp });

describe('a due time in a tier', () => {
  it.each(['velo', 'spring'] as const)(
    'that is forged blocks nobody for longer than one wait, however many there are: %s',
    async (profile) => {
      const { cluster, clock } = consumers;
      const forged = copyOf(recordWith(), { due: clock.wallTime() + YEAR, profile });
      for (let i = 0; i < 8; i++)
        cluster.produce(TIER, 0, { headers: forged, timestamp: clock.wallTime() + YEAR });
      const begin = clock.now();
      const starts: number[] = [];
      consumers.start({
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['2s'], headers: profile },
        handler: (record, { tier }) => {
          if (text(record) !== 'good') return;
          starts.push(clock.now() - begin);
          if (tier === 0) throw new Error('busy');
        },
      });
      cluster.produce('orders', 0, 'good');
      await clock.advance(20_000);
      expect(starts).toHaveLength(2);
      const waited = (starts[1] as number) - (starts[0] as number);
      expect(waited).toBeGreaterThanOrEqual(2_000);
      expect(waited).toBeLessThan(2_100);
    },
  );

  it('cannot be later than one wait after the record was written, a second aside for the broker’s clock', async () => {
    const { cluster, clock } = consumers;
    const headers = copyOf(recordWith(), { due: clock.wallTime() + YEAR });
    cluster.produce(TIER, 0, { headers, timestamp: clock.wallTime() - 3_000 });
    cluster.produce(TIER, 0, { headers, timestamp: clock.wallTime() - 1_500 });
    const begin = clock.now();
    const starts: number[] = [];
    consumers.start({ retry: { tiers: ['2s'] }, handler: () => starts.push(clock.now() - begin) });
    await clock.advance(10_000);
    expect(starts).toEqual([expect.closeTo(0, -2), expect.closeTo(1_500, -2)]);
  });

  it('counts from the fetch also for a record that had to queue behind a slow one', async () => {
    const { cluster, clock } = consumers;
    const begin = clock.now();
    const due = clock.wallTime() + 2_000;
    for (const value of ['slow', 'next'])
      cluster.produce(TIER, 0, { value: Buffer.from(value), headers: copyOf(recordWith(), { due }) });
    const starts: number[] = [];
    const { told } = consumers.start(
      {
        retry: { tiers: ['2s'] },
        handler: (record) => {
          starts.push(clock.now() - begin);
          if (text(record) === 'slow')
            return new Promise((resolve) => clock.schedule(5_000, () => resolve(0)));
        },
      },
      'late',
    );
    await clock.advance(3_000);
    // The queued one is 1 s late, whatever becomes of the time of day.
    clock.stepWall(-3_600_000);
    await clock.advance(10_000);
    expect(starts).toEqual([2_000, 7_000]);
    expect(told('late').map(({ lateness }) => lateness)).toEqual([0, 5_000]);
  });

  it('of a copy is never cut by the bound: who writes it stamps it no sooner than it reckons the time', () => {
    const time = fc.integer({ min: 0, max: 2 ** 45 });
    const short = fc.integer({ min: 0, max: 1e7 });
    fc.assert(
      fc.property(time, short, short, fc.integer({ min: 1, max: 6e8 }), (decided, toWrite, toFetch, wait) => {
        const written = decided + toWrite;
        const due = decided + wait;
        expect(latestDue(stamped(written), wait, written + toFetch)).toBeGreaterThanOrEqual(due);
        // A broker that stamps by a clock up to a second behind.
        expect(
          latestDue(stamped(Math.max(0, written - 1_000)), wait, written + toFetch),
        ).toBeGreaterThanOrEqual(due);
        expect(latestDue(stamped(-1), wait, written + toFetch)).toBe(written + toFetch + wait);
      }),
    );
  });
});
