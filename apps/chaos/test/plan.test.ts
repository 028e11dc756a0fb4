import { describe, expect, it } from 'vitest';
import { nodeFor } from '../src/faults/broker-faults.js';
import { endOf, fails, fateOf } from '../src/plan/fates.js';
import { NODES, planFaults } from '../src/plan/fault-plan.js';
import type { MainFault } from '../src/plan/faults.js';
import { LONG, SHORT } from '../src/plan/scale.js';
import { FAULT_KINDS, harmsOnlyBrokers, only, without } from '../src/plan/selection.js';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

function ofKind<K extends MainFault['kind']>(kind: K, faults: readonly MainFault[]) {
  return faults.filter((fault): fault is Extract<MainFault, { kind: K }> => fault.kind === kind);
}

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
      const faults = steps.map(({ main }) => main);
      const targets = ofKind('broker kill', faults).map(({ target }) => target);
      expect(targets).toHaveLength(form.kills);
      expect(count(targets, 'coordinator')).toBe(form.coordinators);
      for (const coordinator of NODES) {
        const killed: { node: number }[] = [];
        for (const target of targets) killed.push({ node: nodeFor(target, coordinator, killed) });
        for (const id of NODES)
          expect(killed.filter(({ node }) => node === id).length).toBeGreaterThanOrEqual(form.least);
      }
      expect(ofKind('network', faults)).toHaveLength(form.cuts);
      expect(ofKind('reset', faults)).toHaveLength(form.scale.resets);
      const offline = ofKind('broker kill', faults).filter((kill) => kill.offline);
      expect(offline).toHaveLength(form.scale.offlineKills);
      expect(steps.flatMap(({ recreations }) => recreations)).toHaveLength(form.scale.recreations);
      const members = steps.flatMap((step) => step.members.map(({ kind }) => kind));
      expect(members.filter((kind) => kind.startsWith('kill'))).toHaveLength(form.ends);
      expect(count(members, 'kill at hand-off')).toBe(form.atHandOff);
      expect(count(members, 'freeze')).toBe(form.scale.freezes);
      expect(members).toEqual(expect.arrayContaining(['join', 'leave', 'clock back', 'clock forward']));
    }
  });

  it('rolls a new version out first, and harms no member beside the next kills, which recovery is measured by', () => {
    for (const seed of SEEDS) {
      const [deploy, ...measured] = planFaults(seed, LONG).slice(0, 5);
      expect(deploy?.main).toEqual({ kind: 'deploy' });
      expect(measured.flatMap(({ members }) => members)).toEqual([]);
      const targets = measured.map(({ main }) => main.kind === 'broker kill' && main.target);
      expect(targets).toEqual(['coordinator', 'least killed', 'least killed', 'least killed']);
    }
  });

  it('makes a topic only while all brokers are there', () => {
    for (const seed of SEEDS) {
      const hosts = planFaults(seed, LONG).filter(({ recreations }) => recreations.length > 0);
      expect(new Set(hosts.map(({ main }) => main.kind))).toEqual(new Set(['network']));
    }
  });

  it('harms members beside a reset in no other way, and rebalances once while partitions are offline', () => {
    for (const seed of SEEDS) {
      for (const { main, members } of planFaults(seed, LONG)) {
        if (main.kind === 'reset') expect(members).toEqual([]);
        if (main.kind === 'broker kill' && main.offline)
          expect(members.map(({ kind }) => kind)).toEqual(['join']);
      }
    }
  });

  it('has each way of a reset over four seeds, in each form', () => {
    for (const scale of [LONG, SHORT]) {
      const resets = [1, 2, 3, 4].flatMap((seed) =>
        ofKind(
          'reset',
          planFaults(seed, scale).map(({ main }) => main),
        ),
      );
      expect(new Set(resets.map(({ reset, members }) => `${reset}, ${members}`)).size).toBe(4);
    }
  });
});

describe('a choice of faults', () => {
  it.each(FAULT_KINDS)('of %s alone is a plan with nothing else', (kind) => {
    const steps = planFaults(1, only(SHORT, kind));
    expect(steps.length).toBeGreaterThan(0);
    const rest = planFaults(1, without(SHORT, kind));
    expect(planFaults(1, without(only(SHORT, kind), kind))).toEqual([]);
    expect(JSON.stringify(rest)).not.toBe(JSON.stringify(planFaults(1, SHORT)));
  });

  it('of kills of brokers harms nobody else', () => {
    expect(harmsOnlyBrokers(only(LONG, 'broker-kills'))).toBe(true);
    for (const kind of FAULT_KINDS.filter((other) => other !== 'broker-kills'))
      expect(harmsOnlyBrokers(only(LONG, 'broker-kills', kind))).toBe(false);
  });

  it('of what happens beside others has a step of its own for it', () => {
    const [freeze] = planFaults(1, only(SHORT, 'freezes'));
    expect(freeze).toMatchObject({ main: { kind: 'calm' }, members: [{ kind: 'freeze' }] });
    const [recreation] = planFaults(1, only(SHORT, 'recreations'));
    expect(recreation).toMatchObject({ main: { kind: 'calm' }, recreations: [{}] });
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

  it.each(['pass', 'second-attempt', 'first-tier', 'second-tier'] as const)(
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
