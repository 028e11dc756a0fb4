import { nextTurn } from '@velo/retry-core';
import { expect, it } from 'vitest';
import { Breaths } from '../src/lanes/breaths.js';

/** More than between two looks at the clock. */
const SOME = 20;

function breathing() {
  let now = 0;
  const breaths = new Breaths({ now: () => now });
  /** While handlers run: the event loop has no turn. */
  const pass = (ms: number) => {
    now += ms;
  };
  /** Records of whichever lane; whether the event loop is to have its turn. */
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

it('after more than 5 ms the event loop has its turn, before any other record of any lane', async () => {
  const { pass, breaths, handle } = breathing();
  breaths.begin();
  pass(6);
  expect(handle()).toBe(true);
  const turns = [breaths.take(), breaths.take()];
  expect(turns).not.toContain(undefined);
  let hadTurn = false;
  setImmediate(() => {
    hadTurn = true;
  });
  await Promise.all(turns);
  await nextTurn();
  expect(hadTurn).toBe(true);
  expect(handle()).toBe(false);
});

it('the time between two turns in which nothing was handled does not count', async () => {
  const { pass, breaths, handle } = breathing();
  breaths.begin();
  await nextTurn();
  pass(1_000);
  expect(handle()).toBe(false);
});
