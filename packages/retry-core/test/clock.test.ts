import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sleep, systemClock } from '../src/clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A signal that counts the listeners it holds. */
function countedSignal(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  let count = 0;
  const { signal } = controller;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    count++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    count--;
    removeEventListener.apply(signal, args);
  };
  return { controller, listeners: () => count };
}

describe('systemClock', () => {
  it('tells the time of day in milliseconds since 1970', () => {
    vi.setSystemTime(1_234_567);
    expect(systemClock.wallTime()).toBe(1_234_567);
  });

  it.each([-3_600_000, 3_600_000])('measures durations that the time of day does not move: %d ms', (step) => {
    const start = systemClock.now();
    vi.advanceTimersByTime(20);
    vi.setSystemTime(systemClock.wallTime() + step);
    vi.advanceTimersByTime(22);
    expect(systemClock.now() - start).toBe(42);
  });

  it('tells whole milliseconds', () => {
    vi.useRealTimers();
    for (let i = 0; i < 100; i++) expect(systemClock.now() % 1).toBe(0);
  });

  it.each([
    { ms: 5, waits: 5 },
    { ms: 0, waits: 0 },
    { ms: -5, waits: 0 },
    { ms: NaN, waits: 0 },
    { ms: 2 ** 31 - 1, waits: 2 ** 31 - 1 },
    { ms: 2 ** 31, waits: 2 ** 31 },
    { ms: 8_640_000_000, waits: 8_640_000_000 },
  ])('wakes after $waits ms when asked for $ms', ({ ms, waits }) => {
    const start = systemClock.now();
    let woken: number | undefined;
    systemClock.schedule(ms, () => (woken = systemClock.now()));
    vi.runAllTimers();
    expect((woken as number) - start).toBe(waits);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('never wakes from an infinite wait', () => {
    let woken = false;
    const cancel = systemClock.schedule(Infinity, () => (woken = true));
    vi.advanceTimersByTime(1e11);
    cancel();
    expect(woken).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cancels a long wait in its second part', () => {
    let woken = false;
    const cancel = systemClock.schedule(2 ** 32, () => (woken = true));
    vi.advanceTimersByTime(2 ** 31);
    cancel();
    vi.runAllTimers();
    expect(woken).toBe(false);
  });
});

describe('sleep', () => {
  it('waits, and leaves no timer and no listener', async () => {
    const { controller, listeners } = countedSignal();
    const done = sleep(1_000, controller.signal);
    await vi.advanceTimersByTimeAsync(1_000);
    await done;
    expect(listeners()).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is cut by an abort at once, with the reason', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const done = sleep(1e6, controller.signal);
    controller.abort(reason);
    await expect(done).rejects.toBe(reason);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not begin under an aborted signal', async () => {
    await expect(sleep(1, AbortSignal.abort('no'))).rejects.toBe('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('asks the clock that it is given', async () => {
    const asked: number[] = [];
    const clock = {
      now: () => 0,
      wallTime: () => 0,
      schedule(ms: number, wake: () => void) {
        asked.push(ms);
        queueMicrotask(wake);
        return () => {};
      },
    };
    await sleep(7, undefined, clock);
    expect(asked).toEqual([7]);
  });
});
