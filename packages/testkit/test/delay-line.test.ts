import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DelayLine } from '../src/fault-proxy/delay-line.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function line() {
  const done: string[] = [];
  const state = { delay: 0 };
  const delayed = new DelayLine(() => state.delay);
  return { done, state, push: (name: string) => delayed.push(() => done.push(name)) };
}

it('runs an action at once where there is no delay', () => {
  const { done, push } = line();
  push('a');
  expect(done).toEqual(['a']);
});

it('runs each action after its delay', async () => {
  const { done, state, push } = line();
  state.delay = 50;
  push('a');
  await vi.advanceTimersByTimeAsync(30);
  push('b');
  await vi.advanceTimersByTimeAsync(20);
  expect(done).toEqual(['a']);
  await vi.advanceTimersByTimeAsync(30);
  expect(done).toEqual(['a', 'b']);
});

it('lets nothing overtake what still waits, although the delay has ended', async () => {
  const { done, state, push } = line();
  state.delay = 50;
  push('slow');
  state.delay = 0;
  push('fast');
  expect(done).toEqual([]);
  await vi.advanceTimersByTimeAsync(51);
  expect(done).toEqual(['slow', 'fast']);
});
