import { describe, expect, it } from 'vitest';
import { judge } from '../src/check/verdict.js';
import { CONSUMED, DEAD, ORDERS, PARCELS, topicAt } from '../src/plan/topics.js';
import { Fabrication, idsOf, LAST_TIER } from './fabricate.js';

function faultsOf(run: Fabrication): Record<string, readonly string[]> {
  return Object.fromEntries(judge(run.evidence()).faults.map(({ rule, cases }) => [rule, cases]));
}

const [FIRST, SECOND, THIRD, POISON, HOPELESS] = idsOf(
  PARCELS,
  'pass',
  'pass',
  'pass',
  'poison',
  'hopeless',
) as [number, number, number, number, number];
const DEAD_LETTERS = topicAt(ORDERS, DEAD);

describe('of offsets that were reset, the checker', () => {
  /** `a` handles three records and commits; the offset is set; then `a` handles these offsets, as another assignment. */
  function setTo(from: number, wanted: boolean, ...again: number[]): Fabrication {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const ids = [FIRST, SECOND, THIRD];
    for (const id of ids) run.handle('a', id, run.produce(id));
    run.commit('a', ORDERS, 3);
    run.reset(ORDERS, from, wanted);
    run.assign('a', ORDERS);
    for (const offset of again) run.handle('a', ids[offset] as number, offset);
    return run;
  }

  it('expects what was set back to come again', () => {
    const verdict = judge(setTo(1, true, 1, 2).evidence());
    expect(verdict).toMatchObject({ again: 2, bound: { uncommitted: 0, reset: 2 }, faults: [] });
  });

  it('finds one that did not come again', () => {
    expect(faultsOf(setTo(1, true, 2))).toEqual({
      'set back by an administrator and not tried again': [`${ORDERS} 0, offset 1, set back to 1`],
    });
  });

  it('does not take what a frozen member ends with for obedience', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    run.handle('a', FIRST, run.produce(FIRST));
    const offset = run.produce(SECOND);
    run.reset(ORDERS, 0);
    run.handle('a', SECOND, offset);
    run.assign('a', ORDERS);
    run.handle('a', FIRST, 0);
    expect(faultsOf(run)).toEqual({
      'set back by an administrator and not tried again': [`${ORDERS} 0, offset 1, set back to 0`],
    });
  });

  it('finds one that came again though it was below', () => {
    expect(faultsOf(setTo(1, true, 0, 1, 2))).toHaveProperty('tried again though committed');
  });

  it('finds one that came twice', () => {
    const run = setTo(1, true, 1, 2);
    run.commit('a', ORDERS, 3);
    run.assign('b', ORDERS);
    run.handle('b', SECOND, 1);
    expect(Object.keys(faultsOf(run))).toEqual([
      'tried again though committed',
      'more handled again than the bound',
    ]);
  });

  it('allows, and does not demand, what an offset beyond the end brings back', () => {
    expect(faultsOf(setTo(0, false))).toEqual({});
    expect(faultsOf(setTo(0, false, 0, 1, 2))).toEqual({});
  });

  it('finds a record that was passed over', () => {
    const run = setTo(0, false);
    run.produce(HOPELESS);
    expect(Object.keys(faultsOf(run))).toEqual(['lost']);
  });

  it('allows, by transaction, a copy for each time that a record is brought back, and no more', () => {
    const run = new Fabrication();
    run.handOff = 'transactional';
    run.assign('a', ORDERS);
    const offset = run.produce(POISON);
    run.handle('a', POISON, offset);
    run.commit('a', ORDERS, offset + 1);
    run.reset(ORDERS, 0);
    run.assign('a', ORDERS);
    run.handle('a', POISON, offset);
    expect(judge(run.evidence())).toMatchObject({ again: 1, faults: [] });
    run.copy(POISON, DEAD_LETTERS, offset);
    expect(faultsOf(run)).toHaveProperty('copied more than once by transaction');
  });
});

describe('of a topic that was made again, the checker', () => {
  /** `a` handles one parcel of the old topic and commits it; another is not handled, and goes. */
  function remade(): Fabrication {
    const run = new Fabrication();
    run.assign('a', ...CONSUMED);
    run.handle('a', FIRST, run.produce(FIRST, PARCELS), PARCELS);
    run.commit('a', PARCELS, 1);
    run.produce(SECOND, PARCELS);
    run.remake(1);
    return run;
  }

  it('lets go what was not committed, and wants the rest', () => {
    const run = remade();
    run.handle('a', THIRD, run.produce(THIRD, PARCELS), PARCELS);
    expect(judge(run.evidence())).toMatchObject({ produced: 2, handled: 2, gone: 1, lost: 0, faults: [] });
  });

  it('finds a record of the new one that nobody has handled, though the old one’s at its offset was', () => {
    const run = remade();
    run.produce(THIRD, PARCELS);
    expect(Object.keys(faultsOf(run))).toEqual(['lost']);
  });

  it('finds a record of the old one that was committed and not handled', () => {
    const run = new Fabrication();
    run.assign('a', ...CONSUMED);
    run.produce(FIRST, PARCELS);
    run.commit('a', PARCELS, 1);
    run.remake(1);
    expect(Object.keys(faultsOf(run))).toEqual(['lost']);
  });

  it('wants an end for what has gone on to a tier, though its topic is gone', () => {
    const run = new Fabrication();
    run.assign('a', ...CONSUMED);
    const offset = run.produce(HOPELESS, PARCELS);
    run.copy(HOPELESS, topicAt(PARCELS, 1), offset);
    run.attempt('a', HOPELESS, { topic: PARCELS, offset });
    run.remake(0);
    expect(Object.keys(faultsOf(run))).toEqual(['lost']);
  });

  it('does not take a late commit of the old one for one of the new one', () => {
    const run = remade();
    run.handle('a', THIRD, run.produce(THIRD, PARCELS), PARCELS);
    run.commit('a', PARCELS, 2);
    run.assign('b', PARCELS);
    run.handle('b', THIRD, 0, PARCELS);
    expect(judge(run.evidence())).toMatchObject({ again: 1, faults: [] });
  });

  it('allows what was tried before its members noticed once more, in one life too, and finds it a third time', () => {
    const run = remade();
    const offset = run.produce(THIRD, PARCELS);
    run.handle('a', THIRD, offset, PARCELS);
    run.handle('a', THIRD, offset, PARCELS);
    expect(judge(run.evidence())).toMatchObject({ again: 1, bound: { remade: 1 }, faults: [] });
    run.handle('a', THIRD, offset, PARCELS);
    expect(faultsOf(run)).toHaveProperty('tried again though committed');
  });

  it('finds a double long after', () => {
    const run = remade();
    run.now += 60_000;
    const offset = run.produce(THIRD, PARCELS);
    run.handle('a', THIRD, offset, PARCELS);
    run.handle('a', THIRD, offset, PARCELS);
    expect(faultsOf(run)).toHaveProperty('tried again though committed');
  });

  it('finds a record that was acknowledged for the new one and is not there', () => {
    const run = remade();
    run.produce(THIRD, PARCELS);
    run.sources.pop();
    expect(Object.keys(faultsOf(run))).toEqual(['acknowledged and not there']);
  });
});

describe('of members of two versions, the checker', () => {
  function mixed(): Fabrication {
    const run = new Fabrication();
    run.mixed = true;
    run.assign('a', ...CONSUMED);
    return run;
  }

  it('allows a record to be given up one tier earlier, but not with one version alone', () => {
    const run = mixed();
    run.handle('a', HOPELESS, run.produce(HOPELESS), ORDERS, LAST_TIER - 1);
    expect(faultsOf(run)).toEqual({});
    run.mixed = false;
    expect(faultsOf(run)).toHaveProperty('dead letter without cause');
  });

  it('finds a copy in the last tier that nobody reads', () => {
    const run = mixed();
    const offset = run.produce(HOPELESS);
    run.handle('a', HOPELESS, offset);
    run.copies.pop();
    expect(Object.keys(faultsOf(run))).toEqual(['lost']);
  });

  it('finds a record that was sent to the last tier and dead-lettered at once', () => {
    const run = mixed();
    const offset = run.produce(HOPELESS);
    run.handle('a', HOPELESS, offset);
    run.copy(HOPELESS, DEAD_LETTERS, offset);
    expect(faultsOf(run)).toMatchObject({
      'copied without cause': [expect.stringMatching(/2 copies .*, 1 /)],
    });
  });
});

describe('of kills of brokers, the checker', () => {
  it('finds more than 1 in 1,000 that came again where nobody else was harmed', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const offset = run.produce(FIRST);
    run.handle('a', FIRST, offset);
    run.assign('b', ORDERS);
    run.handle('b', FIRST, offset);
    expect(faultsOf(run)).toEqual({});
    run.onlyBrokers = true;
    expect(faultsOf(run)).toEqual({
      'more than 1 in 1,000 handled again though only brokers were killed': ['1 of 1'],
    });
  });

  it('finds a partition with replicas that is silent while others are offline', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS);
    const kill = { node: 1, wasCoordinator: false, memberFaults: 0, offline: true };
    run.handle('a', FIRST, run.produce(FIRST));
    const at = run.now;
    run.now += 9_000;
    run.handle('a', SECOND, run.produce(SECOND));
    run.brokerKills.push({ ...kill, at, failedOver: at + 5_000, whole: at + 18_000 });
    expect(faultsOf(run)).toEqual({});
    run.brokerKills.push({ ...kill, at, failedOver: at + 5_000, whole: at + 30_000 });
    expect(faultsOf(run)).toMatchObject({
      'silent while other partitions were offline': [`${ORDERS} 0, for 21.0 s with broker 1 away`],
    });
  });

  it('holds no source to that while a circuit breaker holds it', () => {
    const rules = (...breaker: readonly { at: number; isOpen: boolean }[]) => {
      const run = new Fabrication();
      run.assign('a', ORDERS);
      const kill = { node: 1, wasCoordinator: false, memberFaults: 0, offline: true };
      run.handle('a', FIRST, run.produce(FIRST));
      const begin = run.now;
      for (const { at, isOpen } of breaker) {
        run.now = begin + at;
        run.breaker('a', isOpen);
      }
      run.now = begin + 25_000;
      run.handle('a', SECOND, run.produce(SECOND));
      run.brokerKills.push({ ...kill, at: begin + 3_000, failedOver: begin + 8_000, whole: begin + 25_000 });
      return Object.keys(faultsOf(run));
    };
    const silent = ['silent while other partitions were offline'];
    expect(rules()).toEqual(silent);
    expect(rules({ at: 1_000, isOpen: true }, { at: 2_000, isOpen: false })).toEqual(silent);
    expect(rules({ at: 1_000, isOpen: true }, { at: 4_000, isOpen: false })).toEqual([]);
    expect(rules({ at: 1_000, isOpen: true })).toEqual([]);
    expect(rules({ at: 24_000, isOpen: true })).toEqual([]);
  });

  it('holds no topic to that which was made again shortly before', () => {
    const at = (pause: number) => {
      const run = new Fabrication();
      run.assign('a', ...CONSUMED);
      run.remake(0);
      run.handle('a', FIRST, run.produce(FIRST, PARCELS), PARCELS);
      run.now += pause;
      run.handle('a', SECOND, run.produce(SECOND, PARCELS), PARCELS);
      const kill = { node: 1, wasCoordinator: false, memberFaults: 0, offline: true, at: run.now };
      run.now += 16_000;
      run.handle('a', THIRD, run.produce(THIRD, PARCELS), PARCELS);
      run.brokerKills.push({ ...kill, failedOver: kill.at + 5_000, whole: run.now + 1 });
      return Object.keys(faultsOf(run));
    };
    expect(at(5_000)).toEqual([]);
    expect(at(25_000)).toEqual(['silent while other partitions were offline']);
  });

  it('takes no partition for a silent one that appeared later', () => {
    const run = new Fabrication();
    run.assign('a', ORDERS, PARCELS);
    run.handle('a', FIRST, run.produce(FIRST));
    const at = run.now;
    run.now += 9_000;
    run.handle('a', SECOND, run.produce(SECOND));
    run.now += 12_000;
    run.handle('a', THIRD, run.produce(THIRD, PARCELS), PARCELS);
    const kill = { node: 1, wasCoordinator: false, memberFaults: 0, offline: true };
    run.brokerKills.push({ ...kill, at, failedOver: at + 5_000, whole: at + 18_000 });
    expect(faultsOf(run)).toEqual({});
  });
});
