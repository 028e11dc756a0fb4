import { describe, expect, it } from 'vitest';
import { judge } from '../src/check/verdict.js';
import { originAt } from '../src/history/origin.js';
import { nameOf } from '../src/plan/records.js';
import { CONSUMED, DEAD, ORDERS, topicAt } from '../src/plan/topics.js';
import { Fabrication, idsOf } from './fabricate.js';

const DEAD_LETTERS = topicAt(ORDERS, DEAD);
const FIRST = topicAt(ORDERS, 1);

/** The broken rules, with their cases. */
function faultsOf(run: Fabrication): Record<string, readonly string[]> {
  return Object.fromEntries(judge(run.evidence()).faults.map(({ rule, cases }) => [rule, cases]));
}

const [PASS, OTHER, SECOND_ATTEMPT, FIRST_TIER, SECOND_TIER, HOPELESS, POISON, GARBLED] = idsOf(
  ORDERS,
  'pass',
  'pass',
  'second-attempt',
  'first-tier',
  'second-tier',
  'hopeless',
  'poison',
  'garbled',
) as [number, number, number, number, number, number, number, number];

/** Member `a` owns everything and handles one record of each fate. */
function goodRun(): Fabrication {
  const run = new Fabrication();
  run.assign('a', ...CONSUMED);
  for (const id of [PASS, SECOND_ATTEMPT, FIRST_TIER, SECOND_TIER, HOPELESS, POISON, GARBLED]) {
    run.handle('a', id, run.produce(id));
  }
  return run;
}

describe('the checker', () => {
  it('finds nothing wrong with a run in which each record comes to its end once', () => {
    const verdict = judge(goodRun().evidence());
    expect(verdict).toMatchObject({
      produced: 7,
      handled: 4,
      deadLettered: 3,
      lost: 0,
      again: 0,
      bound: { uncommitted: 0, lostAcknowledgements: 0, reset: 0, remade: 0 },
      faults: [],
    });
  });

  it('finds a record that nobody has handled', () => {
    const run = goodRun();
    const offset = run.produce(OTHER);
    expect(faultsOf(run)).toEqual({
      lost: [`record-${OTHER} (${ORDERS}, partition 0, offset ${offset})`],
    });
    expect(judge(run.evidence()).lost).toBe(1);
  });

  it('finds a record that was only tried', () => {
    const run = goodRun();
    run.attempt('a', OTHER, { offset: run.produce(OTHER), passed: false });
    expect(faultsOf(run)).toHaveProperty('lost');
  });

  it('finds a record that got stuck between source and tier', () => {
    const run = goodRun();
    const offset = run.produce(FIRST_TIER);
    run.attempt('a', FIRST_TIER, { offset });
    expect(faultsOf(run)).toHaveProperty('lost');
  });

  it('finds a record that was acknowledged to the producer and is not there', () => {
    const run = goodRun();
    run.produce(OTHER);
    run.sources.pop();
    expect(faultsOf(run)).toEqual({ 'acknowledged and not there': [`record-${OTHER}`] });
  });

  it('finds a copy whose value is another one, and one of a record that never was', () => {
    const run = goodRun();
    const offset = run.produce(FIRST_TIER);
    run.attempt('a', FIRST_TIER, { offset });
    run.copy(FIRST_TIER, FIRST, offset, { value: 'spoiled' });
    run.attempt('a', FIRST_TIER, { topic: FIRST, offset: 2, origin: offset });
    run.copy(POISON, DEAD_LETTERS, 999);
    expect(faultsOf(run).spoiled).toHaveLength(2);
  });

  it('finds a dead letter of a record that could have passed', () => {
    const run = goodRun();
    const offset = run.produce(OTHER);
    run.attempt('a', OTHER, { offset, passed: false });
    run.copy(OTHER, DEAD_LETTERS, offset, { attempts: 2, reason: 'exhausted', message: 'who knows' });
    expect(faultsOf(run)).toHaveProperty('dead letter without cause');
    expect(judge(run.evidence()).lost).toBe(0);
  });

  it.each([
    { what: 'too few attempts', change: { attempts: 7 } },
    { what: 'another reason', change: { reason: 'permanent' } },
    { what: 'another error', change: { message: 'Connection error' } },
  ])('finds a dead letter with $what', ({ change }) => {
    const run = goodRun();
    const letter = run.copies.findIndex(
      ({ topic, name }) => topic === DEAD_LETTERS && name === `record-${HOPELESS}`,
    );
    Object.assign(run.copies[letter] as object, change);
    expect(Object.keys(faultsOf(run))).toEqual(['dead letter without cause']);
  });

  it.each([
    { fate: 'poison', id: POISON },
    { fate: 'hopeless', id: HOPELESS },
  ])('allows a $fate record one attempt more for each time that the guard has tripped', ({ id }) => {
    const run = goodRun();
    const letter = run.copies.find(({ topic, name }) => topic === DEAD_LETTERS && name === `record-${id}`);
    Object.assign(letter as object, { attempts: (letter?.attempts ?? 0) + 1 });
    expect(Object.keys(faultsOf(run))).toEqual(['dead letter without cause']);
    run.guarded('a');
    expect(faultsOf(run)).toEqual({});
    Object.assign(letter as object, { attempts: (letter?.attempts ?? 0) + 1 });
    expect(Object.keys(faultsOf(run))).toEqual(['dead letter without cause']);
  });

  it('finds a record that passed before its tier', () => {
    const run = goodRun();
    run.attempt('a', FIRST_TIER, { offset: run.produce(FIRST_TIER), passed: true });
    expect(faultsOf(run)).toHaveProperty('handled where it cannot pass');
  });
});

describe('of records that are handled again, the checker', () => {
  /** Member `a` handles two records and commits so far, then `b` takes over and handles these offsets. */
  function takenOver(committed: number, ...again: number[]): Fabrication {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const ids = [PASS, OTHER];
    for (const id of ids) run.handle('a', id, run.produce(id));
    run.commit('a', ORDERS, committed);
    run.assign('b', ORDERS);
    for (const offset of again) run.handle('b', ids[offset] as number, offset);
    return run;
  }

  it('allows those that were not committed when the partition was taken over', () => {
    const verdict = judge(takenOver(1, 1).evidence());
    expect(verdict).toMatchObject({ again: 1, bound: { uncommitted: 1 }, faults: [] });
  });

  it('finds one that had been committed', () => {
    expect(faultsOf(takenOver(1, 0, 1))).toEqual({
      'tried again though committed': [`${ORDERS} 0, offset 0: b tried it again though it was committed`],
      'more handled again than the bound': [
        '2 again, 1 uncommitted, 0 acknowledgements lost, 0 reset, 0 in topics made again',
      ],
    });
  });

  it('finds one more than the bound even where each commit is wiped out', () => {
    const run = takenOver(2);
    run.handle('b', PASS, 0);
    expect(faultsOf(run)).toHaveProperty('more handled again than the bound');
  });

  it('finds one that the same member has handled twice', () => {
    const run = goodRun();
    const offset = run.produce(OTHER);
    run.handle('a', OTHER, offset);
    run.handle('a', OTHER, offset);
    expect(faultsOf(run)).toMatchObject({
      'tried again though committed': [`${ORDERS} 0, offset ${offset}: a handled it 2 times`],
    });
  });

  it('counts a handler that ends after its partition was taken away to the life in which it began', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const offset = run.produce(PASS);
    run.assign('b', ORDERS);
    run.handle('b', PASS, offset);
    run.handle('a', PASS, offset);
    expect(judge(run.evidence())).toMatchObject({ again: 1, bound: { uncommitted: 1 }, faults: [] });
  });

  it('gives no allowance for a rebalance that leaves the partition where it is', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const offset = run.produce(PASS);
    run.handle('a', PASS, offset);
    run.assign('a', ORDERS);
    run.handle('a', PASS, offset);
    expect(Object.keys(faultsOf(run))).toEqual([
      'tried again though committed',
      'more handled again than the bound',
    ]);
  });

  it('sees that somebody else had the partition between two assignments of the same member', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const offset = run.produce(PASS);
    run.handle('a', PASS, offset);
    run.assign('b', ORDERS);
    run.handle('b', PASS, offset);
    run.assign('a', ORDERS);
    expect(judge(run.evidence())).toMatchObject({ again: 1, bound: { uncommitted: 2 }, faults: [] });
  });

  it('allows a copy for each life that gave the record up, and finds one more', () => {
    const run = new Fabrication();
    run.assign('a', ...CONSUMED);
    run.assign('b');
    const offset = run.produce(POISON);
    run.handle('a', POISON, offset);
    run.assign('b', ORDERS);
    run.handle('b', POISON, offset);
    expect(judge(run.evidence())).toMatchObject({ again: 1, bound: { uncommitted: 1 }, faults: [] });
    run.copy(POISON, DEAD_LETTERS, offset);
    expect(faultsOf(run)).toMatchObject({
      'copied without cause': [
        expect.stringMatching(`^record-${POISON} in ${DEAD_LETTERS} .*: 3 copies .*, 2 causes$`),
      ],
    });
  });

  it('allows a second copy where the acknowledgement of the first was lost', () => {
    const run = goodRun();
    const origin = run.sources.find(({ name }) => name === `record-${POISON}`)?.offset as number;
    run.copy(POISON, DEAD_LETTERS, origin);
    expect(faultsOf(run)).toHaveProperty('copied without cause');
    run.unacknowledged(DEAD_LETTERS, originAt(ORDERS, 0, origin, nameOf(POISON)));
    expect(judge(run.evidence())).toMatchObject({ again: 1, bound: { lostAcknowledgements: 1 }, faults: [] });
  });

  it('finds a second copy by transaction, though it has a cause', () => {
    const run = new Fabrication();
    run.handOff = 'transactional';
    run.assign('a', ...CONSUMED);
    const offset = run.produce(POISON);
    run.attempt('a', POISON, { offset });
    run.copy(POISON, DEAD_LETTERS, offset);
    run.assign('b', ...CONSUMED);
    run.attempt('b', POISON, { offset });
    run.copy(POISON, DEAD_LETTERS, offset);
    expect(faultsOf(run)).toEqual({
      'copied more than once by transaction': [
        expect.stringMatching(`^record-${POISON} in ${DEAD_LETTERS} .*: 2 copies .*, 1 at most$`),
      ],
    });
    run.handOff = 'at-least-once';
    expect(faultsOf(run)).toEqual({});
  });

  it('allows a record to be produced twice only after a lost acknowledgement', () => {
    const run = goodRun();
    run.handle('a', PASS, run.produce(PASS));
    expect(faultsOf(run)).toEqual({ 'produced twice without cause': [`record-${PASS}: 2 times`] });
    run.unacknowledged(ORDERS, `record-${PASS}`);
    expect(judge(run.evidence())).toMatchObject({ produced: 7, producedTwice: 1, again: 0, faults: [] });
  });

  it('allows it where librdkafka has numbered records anew, since others had run out of time shortly before', () => {
    const again = (renumbers: boolean, pause: number) => {
      const run = goodRun();
      run.renumbers = renumbers;
      run.unacknowledged(DEAD_LETTERS, `record-${POISON}`);
      run.now += pause;
      run.handle('a', PASS, run.produce(PASS));
      return Object.keys(faultsOf(run));
    };
    expect(again(true, 5_000)).toEqual([]);
    expect(again(true, 20_000)).toEqual(['produced twice without cause']);
    expect(again(false, 5_000)).toEqual(['produced twice without cause']);
  });
});
