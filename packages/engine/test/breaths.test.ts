import { expect, it } from 'vitest';
import { Breaths } from '../src/lanes/breaths.js';

/** More than between two looks at the clock. */
const SOME = 20;

function breathing() {
  let now = 0;
  const breaths = new Breaths({ now: () => now });
  const pass = (ms: number) => {
    now += ms;
  };
  /** Whether the event loop is to have its turn meanwhile. */
  const handle = (records = SOME) =>
    Array.from({ length: records }, () => breaths.take()).some((breath) => breath !== undefined);
  return { pass, breaths, handle };
}

it('records that are handled within 5 ms follow each other at once, however many', () => {
  const { pass, breaths, handle } = breathing();
  breaths.begin();
  expect(handle(10_000)).toBe(false);
  pass(5);
  expect(handle()).toBe(false);
});

it('after more than 5 ms the event loop has its turn, and the time is counted anew', async () => {
  const { pass, breaths, handle } = breathing();
  breaths.begin();
  pass(6);
  let hadTurn = false;
  setImmediate(() => {
    hadTurn = true;
  });
  for (let breath = breaths.take(); !hadTurn; breath = breaths.take()) await breath;
  expect(handle()).toBe(false);
  pass(6);
  expect(handle()).toBe(true);
});

it('time in which the lane had nothing to do does not count', () => {
  const { pass, breaths, handle } = breathing();
  breaths.begin();
  handle();
  pass(1_000);
  breaths.begin();
  expect(handle()).toBe(false);
});
