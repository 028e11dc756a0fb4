import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Bell } from '../src/binding/bell.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return over;
}

it('wakes all that wait, and nobody who comes later', async () => {
  const bell = new Bell();
  const both = [bell.next(1_000), bell.next(2_000)];
  expect(await isOver(both[0] as Promise<void>)).toBe(false);
  bell.ring();
  await Promise.all(both);
  const later = bell.next(1_000);
  expect(await isOver(later)).toBe(false);
  expect(vi.getTimerCount()).toBe(1);
});

it('lets nobody wait beyond the limit', async () => {
  const waiting = new Bell().next(1_000);
  await vi.advanceTimersByTimeAsync(999);
  expect(await isOver(waiting)).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(await isOver(waiting)).toBe(true);
});
