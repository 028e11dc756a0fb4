import { describe, expect, it } from 'vitest';
import { judge } from '../src/check/verdict.js';
import { fateOf } from '../src/plan/fates.js';
import { idOfValue, keyOf, nameOf, nameOfValue, textOf, topicOf } from '../src/plan/records.js';
import { CONSUMED, ORDERS, topicAt } from '../src/plan/topics.js';
import { Fabrication, idsOf, SEED } from './fabricate.js';

const RULE = 'a key out of order, or twice at once';
const FIRST = topicAt(ORDERS, 1);
const [ONE, TWO, SECOND_ATTEMPT, FIRST_TIER] = idsOf(
  ORDERS,
  'pass',
  'pass',
  'second-attempt',
  'first-tier',
) as [number, number, number, number];

/** Two records of one key in the orders, `a` has everything. Steps below 0 begin before the end of all that has none. */
function twoOfOneKey() {
  const run = new Fabrication();
  run.assign('a', ...CONSUMED);
  const [first, second] = [run.produce(ONE), run.produce(TWO)];
  return {
    run,
    one: (started?: number, member = 'a') => run.attempt(member, ONE, { offset: first, key: 'k', started }),
    two: (started?: number, key = 'k') => run.attempt('a', TWO, { offset: second, key, started }),
  };
}

/** What the rule finds, and that no other one finds anything. */
function found(run: Fabrication): readonly string[] {
  const { faults } = judge(run.evidence());
  expect(faults.filter(({ rule }) => rule !== RULE)).toEqual([]);
  return faults[0]?.cases ?? [];
}

it('one after the other is right', () => {
  const { run, one, two } = twoOfOneKey();
  one();
  two();
  expect(found(run)).toEqual([]);
});

it('finds records of one key in the wrong order', () => {
  const { run, one, two } = twoOfOneKey();
  two();
  one();
  expect(found(run)).toEqual([`${ORDERS} 0, k: offset 0 after 1`]);
});

it('finds records of one key side by side, however short they were', () => {
  const { run, one, two } = twoOfOneKey();
  one(-2);
  two(-1);
  expect(found(run)).toEqual([`${ORDERS} 0, k: offset 1 began while 0 was tried`]);
});

it('lets records of different keys run as they like', () => {
  const { run, one, two } = twoOfOneKey();
  two(-2, 'other');
  one(-1);
  expect(found(run)).toEqual([]);
});

it('finds a record between the attempts in place of another one of its key', () => {
  const run = new Fabrication();
  run.assign('a', ...CONSUMED);
  const [failing, next] = [run.produce(SECOND_ATTEMPT), run.produce(ONE)];
  const key = 'k';
  run.attempt('a', SECOND_ATTEMPT, { offset: failing, key, passed: false });
  run.attempt('a', ONE, { offset: next, key });
  run.attempt('a', SECOND_ATTEMPT, { offset: failing, key, passed: true });
  expect(found(run)).toEqual([`${ORDERS} 0, k: offset 0 after 1`]);
});

it('lets a record pass while another one of its key waits in a tier', () => {
  const run = new Fabrication();
  run.assign('a', ...CONSUMED);
  const [failing, next] = [run.produce(FIRST_TIER), run.produce(ONE)];
  const key = 'k';
  run.attempt('a', FIRST_TIER, { offset: failing, key });
  const offset = run.copy(FIRST_TIER, FIRST, failing);
  run.attempt('a', ONE, { offset: next, key });
  run.attempt('a', FIRST_TIER, { topic: FIRST, offset, origin: failing, key });
  expect(found(run)).toEqual([]);
});

it('lets another life begin at the committed offset again', () => {
  const { run, one, two } = twoOfOneKey();
  one();
  two();
  run.assign('b', ...CONSUMED);
  one(undefined, 'b');
  expect(found(run)).toEqual([]);
});

it('a record is known by its value, whatever its key, also if it is garbled', () => {
  const [garbled] = idsOf(ORDERS, 'garbled') as [number];
  for (const id of [0, 7, garbled, 49_999]) {
    expect(idOfValue(textOf(SEED, id))).toBe(id);
    expect(nameOfValue(textOf(SEED, id))).toBe(nameOf(id));
  }
  expect(nameOfValue('spoiled')).toBe('');
  const counts = new Map<string, number>();
  for (let id = 0; id < 5_000; id++) counts.set(keyOf(id), (counts.get(keyOf(id)) ?? 0) + 1);
  expect(counts.size).toBeGreaterThan(250);
  expect(Math.max(...counts.values())).toBeLessThan(400);
});

describe('where the order of keys is kept through tiers', () => {
  const THROUGH_TIERS = 'tried before those ahead of it, of its key, have ended';
  const [AHEAD] = idsOf(ORDERS, 'first-tier') as [number];
  const BEHIND = (() => {
    let id = AHEAD + 1;
    while (keyOf(id) !== keyOf(AHEAD) || topicOf(id) !== ORDERS || fateOf(SEED, id) !== 'pass') id++;
    return id;
  })();

  /** One that passes in its first tier, and one behind it that follows, or is tried where it stands. */
  function run(follows: boolean, keepKeyOrder = true): Fabrication {
    const run = new Fabrication();
    run.keepKeyOrder = keepKeyOrder;
    run.assign('a', ...CONSUMED);
    const [ahead, behind] = [run.produce(AHEAD), run.produce(BEHIND)];
    for (let attempt = 0; attempt < 2; attempt++) run.attempt('a', AHEAD, { offset: ahead, passed: false });
    const copy = run.copy(AHEAD, FIRST, ahead);
    if (!follows) run.attempt('a', BEHIND, { offset: behind, passed: true });
    run.attempt('a', AHEAD, { topic: FIRST, offset: copy, origin: ahead, passed: true });
    if (follows) {
      const follower = run.copy(BEHIND, FIRST, behind);
      run.attempt('a', BEHIND, { topic: FIRST, offset: follower, origin: behind, passed: true });
    }
    return run;
  }
  const faults = (of: Fabrication) => judge(of.evidence()).faults.map(({ rule }) => rule);

  it('one that follows is right, and one that does not wait is found', () => {
    expect(faults(run(true))).toEqual([]);
    expect(faults(run(false))).toEqual([THROUGH_TIERS]);
  });

  it('where it is not kept, it is the other way about', () => {
    expect(faults(run(false, false))).toEqual([]);
    expect(faults(run(true, false))).not.toEqual([]);
  });

  it('by transaction a record is copied to a tier once', () => {
    const twice = run(true);
    twice.handOff = 'transactional';
    expect(faults(twice)).toEqual([]);
    twice.copy(BEHIND, FIRST, 1);
    expect(faults(twice)).toContain('copied more than once by transaction');
  });
});
