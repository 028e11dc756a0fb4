import { describe, expect, it } from 'vitest';
import { adopt } from '../src/adopt.js';
import { overwrittenPromises, thenables } from './support/thenables.js';

/** 'done' or 'failed'; never a promise that is rejected. */
const endOf = (promise: () => unknown) =>
  (async () => {
    await promise();
  })().then(
    () => 'done',
    () => 'failed',
  );

describe('adopt', () => {
  it.each(Object.entries(thenables))('ends as `await` does: %s', async (_, make) => {
    expect(await endOf(() => adopt(make()))).toBe(await endOf(make));
  });

  it.each(Object.entries(overwrittenPromises))('asks an own `then`, and fails: %s', async (_, make) => {
    expect(await endOf(() => adopt(make()))).toBe('failed');
  });

  it('gives a promise of the language back as it is', () => {
    const promise = Promise.resolve();
    expect(adopt(promise)).toBe(promise);
  });
});
