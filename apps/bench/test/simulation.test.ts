import { fixed, withJitter } from '@velo/retry-core';
import { seededRandom } from '@velo/testkit/random';
import { describe, expect, it } from 'vitest';
import { Broker } from '../src/simulation/broker.js';
import { contenders } from '../src/simulation/contenders.js';
import { EventQueue } from '../src/simulation/event-queue.js';
import { type FleetOptions, simulateFleet } from '../src/simulation/fleet.js';
import { simulate } from '../src/simulation/run-simulation.js';
import { scenarios } from '../src/simulation/scenarios.js';

const fleet: FleetOptions = {
  seed: 7,
  processes: 5,
  clientsEach: 20,
  thinkTime: 2_000,
  broker: { capacity: 100, patience: 250, refusalCost: 0.25 },
  outages: [
    { from: 10_000, to: 20_000 },
    { from: 80_000, to: 85_000 },
  ],
  until: 200_000,
  strategy: (random) => withJitter(fixed(1_000), 'equal', random),
  budget: false,
};

describe('the event queue', () => {
  it('gives events in the order of time, and of equal times the smaller client first', () => {
    const random = seededRandom(3);
    const queue = new EventQueue(200);
    const events = Array.from({ length: 200 }, (_, client) => ({ client, time: Math.floor(random() * 40) }));
    for (const { client, time } of events) queue.push(client, time);
    const expected = events.sort((a, b) => a.time - b.time || a.client - b.client);
    expect(Array.from({ length: 200 }, () => queue.pop())).toEqual(expected);
    expect(queue.pop()).toBeUndefined();
  });
});

describe('the broker', () => {
  const options = { capacity: 10, patience: 200, refusalCost: 0.25 };

  it('serves no more than it can, and turns away who would wait too long', () => {
    const broker = new Broker(options, []);
    const answers = Array.from({ length: 6 }, () => broker.call(0));
    expect(answers.map(({ served }) => served)).toEqual([true, true, true, false, false, false]);
    expect(answers[2]?.at).toBe(300);
  });

  it('is slowed down by those that it turns away', () => {
    const broker = new Broker(options, []);
    for (let i = 0; i < 7; i++) broker.call(0);
    expect(broker.call(300)).toEqual({ at: 500, served: true });
  });

  it('serves nobody while it is down, nor what it was busy with when it went down', () => {
    const broker = new Broker(options, [{ from: 50, to: 1_000 }]);
    expect(broker.call(0)).toEqual({ at: 50, served: false });
    expect(broker.call(60).served).toBe(false);
    expect(broker.call(999).served).toBe(false);
    expect(broker.call(1_000).served).toBe(true);
  });
});

describe('a fleet', () => {
  it('gives the same result for the same seed, and another for another', () => {
    expect(simulateFleet(fleet)).toEqual(simulateFleet(fleet));
    expect(simulateFleet({ ...fleet, seed: 8 })).not.toEqual(simulateFleet(fleet));
  });

  it('fails at least once for each client in each outage, since all lose their connection', () => {
    for (const { wasted } of simulateFleet(fleet)) expect(wasted).toBeGreaterThanOrEqual(100);
  });

  it('has recovered within one wait where the broker has room for all', () => {
    const broker = { ...fleet.broker, capacity: 1e6 };
    for (const { recovery } of simulateFleet({ ...fleet, broker, strategy: () => fixed(1_000) })) {
      expect(recovery).toBeGreaterThan(0);
      expect(recovery).toBeLessThanOrEqual(1_010);
    }
  });

  it('cannot recover faster than the broker serves', () => {
    const least = (100 / fleet.broker.capacity) * 1_000 * 0.9;
    for (const { recovery } of simulateFleet(fleet)) expect(recovery).toBeGreaterThan(least - 100);
  });

  it('comes back in a crowd without jitter, and spread with it', () => {
    const peakOf = (jitter: 'none' | 'full') =>
      Math.max(
        ...simulateFleet({ ...fleet, strategy: (random) => withJitter(fixed(1_000), jitter, random) }).map(
          ({ peak }) => peak,
        ),
      );
    expect(peakOf('none')).toBeGreaterThan(1.5 * peakOf('full'));
  });

  it('never calls more with a budget than without, and gives up what it does not call', () => {
    const without = simulateFleet({ ...fleet, strategy: () => fixed(200) });
    const limited = simulateFleet({ ...fleet, strategy: () => fixed(200), budget: true });
    limited.forEach((result, index) => {
      expect(result.wasted).toBeLessThan(without[index]?.wasted as number);
      expect(result.givenUp).toBeGreaterThan(0);
    });
    expect(without.every(({ givenUp }) => givenUp === 0)).toBe(true);
  });

  it('reports clients that do not come back as not recovered', () => {
    const results = simulateFleet({ ...fleet, strategy: () => fixed(1e9), until: 60_000 });
    expect(results[0]?.recovery).toBe(Number.POSITIVE_INFINITY);
  });
});

it.each(scenarios)('$id: its outages are in order, with calm between', ({ outages }) => {
  const list = outages(5);
  expect(outages(5)).toEqual(list);
  list.forEach(({ from, to }, index) => {
    expect(from).toBeLessThan(to);
    expect(from).toBeGreaterThan((list[index - 1]?.to ?? 0) + 20_000);
  });
});

it('a contender in a scenario gives the same row for the same seed', () => {
  const [scenario] = scenarios;
  const predictive = contenders.find(
    ({ strategy, jitter }) => strategy === 'predictive' && jitter === 'equal',
  );
  if (scenario === undefined || predictive === undefined) throw new Error('nothing to simulate');
  const options = { seed: 2, processes: 4, clientsEach: 10, runs: 1 };
  const row = simulate(scenario, predictive, options);
  expect(row).toEqual(simulate(scenario, predictive, options));
  expect(row.wasted).toBeGreaterThan(0);
});
