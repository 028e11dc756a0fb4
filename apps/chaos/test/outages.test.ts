import { describe, expect, it } from 'vitest';
import { judge } from '../src/check/verdict.js';
import { BREAKER } from '../src/plan/breaker.js';
import { MAX_ATTEMPTS, ORDERS, TIER_WAITS, topicAt } from '../src/plan/topics.js';
import { Fabrication, idsOf } from './fabricate.js';

const FIRST = topicAt(ORDERS, 1);
const DEAD_LETTERS = topicAt(ORDERS, TIER_WAITS.length + 1);
const [PASS, HOPELESS] = idsOf(ORDERS, 'pass', 'hopeless') as [number, number];

function brokenRules(run: Fabrication): string[] {
  return judge(run.evidence()).faults.map(({ rule }) => rule);
}

function begun(): Fabrication {
  const run = new Fabrication();
  run.assign('a', ORDERS, FIRST, topicAt(ORDERS, 2), topicAt(ORDERS, 3));
  return run;
}

/** Attempts of a record in the source, then in its tiers, up to this one. */
function tryUpTo(run: Fabrication, tier: number, away: boolean): number {
  const offset = run.produce(PASS);
  for (let at = 0, number = offset; at <= tier; at++) {
    const place = { topic: topicAt(ORDERS, at), offset: number, origin: offset };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++)
      run.attempt('a', PASS, { ...place, passed: false, away });
    number = run.copy(PASS, topicAt(ORDERS, at + 1), offset, {
      attempts: MAX_ATTEMPTS * (at + 1),
      reason: 'exhausted',
      message: 'the service is away: 1',
    });
  }
  return offset;
}

describe('of an outage of the service, the checker', () => {
  it('lets a record pass in the tier behind the one in which the service was away, and in no other', () => {
    for (const [away, rules] of [
      [true, []],
      [false, ['handled where it cannot pass']],
    ] as const) {
      const run = begun();
      const offset = tryUpTo(run, 0, away);
      run.attempt('a', PASS, { topic: FIRST, offset: 0, origin: offset, passed: true });
      expect(brokenRules(run)).toEqual(rules);
    }
  });

  it('lets a record be a dead letter only if the service was away for each of its tiers', () => {
    for (const [away, rules] of [
      [true, []],
      [false, ['dead letter without cause']],
    ] as const) {
      const run = begun();
      tryUpTo(run, TIER_WAITS.length, away);
      expect(run.copies.at(-1)?.topic).toBe(DEAD_LETTERS);
      expect(brokenRules(run)).toEqual(rules);
    }
  });

  /** An outage of ten windows, in which the breaker opens, lets so many attempts through after the first window, and closes. */
  function outage(attempts: number, { closes = true } = {}): Fabrication {
    const run = begun();
    run.handle('a', HOPELESS, run.produce(HOPELESS));
    const from = run.now;
    run.breaker('a', true);
    run.now += BREAKER.window;
    const offset = run.produce(PASS);
    for (let i = 0; i < attempts; i++) run.attempt('a', PASS, { offset, away: true });
    const to = from + 10 * BREAKER.window;
    run.outages.push({ from, to });
    run.now = to + 1;
    if (closes) run.breaker('a', false);
    run.copy(PASS, FIRST, offset);
    run.attempt('a', PASS, { topic: FIRST, offset: 1, origin: offset, passed: true });
    return run;
  }

  it('finds more attempts than a breaker lets through', () => {
    expect(brokenRules(outage(100))).toEqual([]);
    expect(brokenRules(outage(120))).toEqual([
      'tried in vain while the service was away, though breakers should have held it',
    ]);
  });

  it('does not hold that to a member that came meanwhile', () => {
    const run = outage(0);
    const { from = 0, to = 0 } = run.outages[0] ?? {};
    run.now = from + 1;
    run.assign('b', FIRST);
    run.now = from + BREAKER.window;
    for (let i = 0; i < 200; i++) run.attempt('b', PASS, { topic: FIRST, offset: 1, origin: 1, away: true });
    run.now = to + 100;
    expect(brokenRules(run)).not.toContain(
      'tried in vain while the service was away, though breakers should have held it',
    );
  });

  it('finds an outage that no breaker has closed after', () => {
    expect(brokenRules(outage(10, { closes: false }))).toEqual([
      'an outage that no breaker has opened and closed for',
    ]);
  });
});
