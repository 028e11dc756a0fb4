import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { consumersPlots, consumersTables } from '../src/report/consumers-tables.js';
import { type ConsumersOptions, simulateConsumers } from '../src/simulation/consumers.js';
import { outagePolicies } from '../src/simulation/policies.js';
import { troubles } from '../src/simulation/run-consumers.js';
import { VirtualClock } from '../src/simulation/virtual-clock.js';

describe('the virtual clock', () => {
  it('wakes in the order of time, and of equal times in the order of the calls; what is cancelled never', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ms: fc.nat(20), cancelled: fc.boolean() }), { maxLength: 40 }),
        async (timers) => {
          const clock = new VirtualClock();
          const woken: string[] = [];
          const wanted = timers.flatMap(({ ms, cancelled }, i) => {
            const cancel = clock.schedule(ms, () => woken.push(`${clock.now()} ${i}`));
            if (cancelled) cancel();
            return cancelled ? [] : [{ ms, i }];
          });
          await clock.runUntil(20);
          expect(woken).toEqual(
            wanted.sort((a, b) => a.ms - b.ms || a.i - b.i).map(({ ms, i }) => `${ms} ${i}`),
          );
          expect(clock.now()).toBe(20);
        },
      ),
      { numRuns: 30 },
    );
  });
});

const RETRY = { tiers: ['5s', '30s'] };

describe('consumers in virtual time', () => {
  const outage: ConsumersOptions = {
    seed: 3,
    consumers: 2,
    rate: 5,
    service: { capacity: 20, patience: 1_000, refusalCost: 0.1 },
    trouble: { from: 5_000, to: 20_000 },
    isBug: false,
    until: 25_000,
    policy: () => ({ retry: RETRY }),
  };

  it('make the same of the same seed', { timeout: 60_000 }, async () => {
    // With chance in it.
    const policy = outagePolicies.at(-1)?.policy ?? outage.policy;
    const short = { ...outage, policy, until: 12_000, trouble: { from: 3_000, to: 8_000 } };
    const [one, other] = [await simulateConsumers(short), await simulateConsumers(short)];
    expect(one).toEqual(other);
    expect(one.wasted).toBeGreaterThan(0);
  });

  it('lose nothing, and with a breaker call a service that is down a fraction as often', {
    timeout: 60_000,
  }, async () => {
    const alone = await simulateConsumers(outage);
    const breaker = await simulateConsumers({
      ...outage,
      policy: () => ({ retry: RETRY, flow: { breaker: { openFor: '5s' } } }),
    });
    expect([alone.open, breaker.open, breaker.deadLetters]).toEqual([0, 0, 0]);
    expect(breaker.wasted).toBeLessThan(alone.wasted / 2);
  });

  it('dead-letter no more of a bad deploy than the guard lets through', { timeout: 60_000 }, async () => {
    const deploy = { ...outage, isBug: true, rate: 20, service: { ...outage.service, capacity: 1_000 } };
    const guarded = await simulateConsumers({
      ...deploy,
      policy: () => ({ retry: RETRY, flow: { guard: { deadLetters: 20 } } }),
    });
    expect([guarded.open, guarded.deadLetters]).toEqual([0, 2 * 19]);
    const without = await simulateConsumers({ ...deploy, policy: () => ({ flow: { guard: false } }) });
    expect(without.deadLetters).toBe(without.wasted);
    expect(without.deadLetters).toBeGreaterThan(400);
  });
});

it('are told in a table and plots for each trouble', () => {
  const row = { records: 1_000, wasted: 50, recovery: 2_500, peak: 9, deadLetters: 7, open: 0, load: 1.5 };
  const rows = troubles.map(({ id }) => ({ ...row, trouble: id, policy: 'a breaker' }));
  const tables = consumersTables([
    { ...row, trouble: 'long', policy: 'none', recovery: Number.POSITIVE_INFINITY },
    ...rows,
  ]);
  expect(tables.map(({ rows: [first] }) => first)).toEqual([
    ['a breaker', '1,000', '50', '2.5', 'x 1.50', '7', '0'],
    ['none', '1,000', '50', 'not all', 'x 1.50', '7', '0'],
    ['a breaker', '1,000', '50', '2.5', 'x 1.50', '7', '0'],
  ]);
  for (const plot of consumersPlots(rows)) expect(plot).toMatch(/^<svg .*a breaker/s);
});
