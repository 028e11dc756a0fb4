import { describe, expect, it } from 'vitest';
import { nodeFor } from '../src/faults/cluster-faults.js';
import { endOf, fails, fateOf } from '../src/plan/fates.js';
import { NODES, planFaults } from '../src/plan/fault-plan.js';
import { LONG, SHORT } from '../src/plan/scale.js';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

describe('the plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(planFaults(5, LONG)).toEqual(planFaults(5, LONG));
    expect(planFaults(5, LONG)).not.toEqual(planFaults(6, LONG));
  });

  it.each([
    { form: 'long', scale: LONG, kills: 10, least: 2, coordinators: 2, cuts: 5, ends: 10, atHandOff: 4 },
    { form: 'short', scale: SHORT, kills: 3, least: 1, coordinators: 1, cuts: 2, ends: 3, atHandOff: 1 },
  ])('in its $form form has all faults with every seed', (form) => {
    for (const seed of SEEDS) {
      const steps = planFaults(seed, form.scale);
      const faults = steps.map(({ fault }) => fault);
      const targets = faults.filter(({ kind }) => kind === 'broker kill').map(({ target }) => target);
      expect(targets).toHaveLength(form.kills);
      expect(count(targets, 'coordinator')).toBe(form.coordinators);
      for (const coordinator of NODES) {
        const killed: { node: number }[] = [];
        for (const target of targets) killed.push({ node: nodeFor(target, coordinator, killed) });
        for (const id of NODES)
          expect(killed.filter(({ node }) => node === id).length).toBeGreaterThanOrEqual(form.least);
      }
      expect(faults.filter(({ kind }) => kind === 'network')).toHaveLength(form.cuts);
      const members = steps.flatMap((step) => step.members.map(({ kind }) => kind));
      expect(members.filter((kind) => kind.startsWith('kill'))).toHaveLength(form.ends);
      expect(count(members, 'kill at hand-off')).toBe(form.atHandOff);
      expect(members).toEqual(expect.arrayContaining(['join', 'leave']));
    }
  });

  it('harms no member beside the first kills, which recovery is measured by', () => {
    for (const seed of SEEDS) {
      const measured = planFaults(seed, LONG).slice(0, 4);
      expect(measured.flatMap(({ members }) => members)).toEqual([]);
      const targets = measured.map(({ fault }) => fault.target);
      expect(targets).toEqual(['coordinator', 'least killed', 'least killed', 'least killed']);
    }
  });
});

describe('the fates of records', () => {
  it('follow from the seed', () => {
    const fates = SEEDS.map((id) => fateOf(1, id));
    expect(SEEDS.map((id) => fateOf(1, id))).toEqual(fates);
    expect(SEEDS.map((id) => fateOf(2, id))).not.toEqual(fates);
  });

  it('all occur', () => {
    const fates = new Set(Array.from({ length: 2_000 }, (_, id) => fateOf(1, id)));
    expect(fates.size).toBe(7);
  });

  it.each(['pass', 'second-try', 'first-tier', 'second-tier'] as const)(
    'let %s pass where it must',
    (fate) => {
      const end = endOf(fate);
      const tier = end.end === 'handled' ? end.tier : -1;
      expect(fails(fate, tier, 2)).toBe(false);
      for (let before = 0; before < tier; before++) expect(fails(fate, before, 2)).toBe(true);
    },
  );
});

function count<T>(list: readonly T[], wanted: T): number {
  return list.filter((item) => item === wanted).length;
}
