import { describe, expect, it } from 'vitest';
import { FaultPlan } from '../src/faults/fault-plan.js';
import { QUICK_SCENARIO, SCENARIO } from '../src/faults/scenario.js';

describe('FaultPlan', () => {
  it('begins each fault once, at its place', async () => {
    const begun: string[] = [];
    const fault = (name: string, beginsAt: number) => ({ beginsAt, run: async () => void begun.push(name) });
    const plan = new FaultPlan([fault('late', 0.8), fault('early', 0.1)]);
    plan.reached(0.05);
    expect(begun).toEqual([]);
    plan.reached(0.5);
    plan.reached(0.6);
    expect(begun).toEqual(['early']);
    plan.reached(1);
    expect(begun).toEqual(['early', 'late']);
    await plan.over();
  });

  it('is over when its faults are, and tells what made one fail', async () => {
    const plan = new FaultPlan([{ beginsAt: 0, run: () => Promise.reject(new Error('port taken')) }]);
    plan.reached(1);
    await expect(plan.over()).rejects.toThrow('port taken');
  });
});

describe.each([
  ['the scenario', SCENARIO],
  ['the quick scenario', QUICK_SCENARIO],
])('%s', (_name, { tiers, serviceDown, beginsAt, production }) => {
  it('lets the tiers outlast the service outage, so that no film dies of a passing failure', () => {
    expect(tiers.reduce((sum, wait) => sum + wait, 0)).toBeGreaterThan(1.5 * serviceDown);
  });

  it('begins every fault while films are produced', () => {
    for (const share of Object.values(beginsAt)) expect(share * production).toBeLessThan(production);
  });
});
