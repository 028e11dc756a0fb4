import { expect, it } from 'vitest';
import { TRIALS_FOR, Trials } from '../src/attempts/leaving.js';

const EXHAUSTED = { action: 'exhausted', reason: 'exhausted' } as const;
const TO_A_TIER = { action: 'hand-off', tier: { topic: 'tier', tierNumber: 1, wait: 1_000 } } as const;

it('a trial that fails where a tier is ahead is the last one', () => {
  expect(new Trials().failed(TO_A_TIER, 0)).toBe(true);
});

it('at the end of its attempts a record has ten trials, however long they take', () => {
  const trials = new Trials();
  const ends = Array.from({ length: 11 }, (_, i) => trials.failed(EXHAUSTED, i * TRIALS_FOR));
  expect(ends.indexOf(true)).toBe(9);
});

it('and 15 minutes from the first that fails, however many there are', () => {
  const trials = new Trials();
  for (let i = 0; i < 100; i++) expect(trials.failed(EXHAUSTED, 5_000 + i)).toBe(false);
  expect(trials.failed(EXHAUSTED, 5_000 + TRIALS_FOR - 1)).toBe(false);
  expect(trials.failed(EXHAUSTED, 5_000 + TRIALS_FOR)).toBe(true);
});
