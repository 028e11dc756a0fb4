/**
 * Time as an argument: tests bring their own, so that none really waits.
 *
 * Two readings, since the machine's time of day steps when it is set (NTP, a virtual machine that is resumed): a
 * duration that is the difference of two such readings is wrong by the step.
 */
export interface Clock {
  /** Milliseconds since any fixed moment; it never goes back. For durations, and for nothing else. */
  now(): number;
  /** Milliseconds since 1970, as the machine has it at present. For what others read, and for nothing else. */
  wallTime(): number;
  /** Calls `wake` once after `ms` milliseconds; gives back what cancels it. `wake` is never called at once. */
  schedule(ms: number, wake: () => void): () => void;
}

/** The longest wait that `setTimeout` takes, in milliseconds (24.8 days): it turns a longer one into 1 ms. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The system's time, in whole milliseconds, and timers. Longer waits than `setTimeout` takes are split; NaN and negative ones are 0. */
export const systemClock: Clock = {
  now: () => Math.trunc(performance.now()),
  // biome-ignore lint/style/noRestrictedGlobals: here is where all others get it from
  wallTime: () => Date.now(),
  schedule(ms, wake) {
    let left = Math.max(ms, 0) || 0; // NaN is 0
    let timer: ReturnType<typeof setTimeout>;
    const next = (): void => {
      const part = Math.min(left, LONGEST_TIMER);
      left -= part;
      timer = setTimeout(left > 0 ? next : wake, part);
    };
    next();
    return () => clearTimeout(timer);
  },
};

/**
 * Waits `ms` milliseconds.
 *
 * An abort cuts the wait at once and rejects with the signal's reason; neither a timer nor a listener is left
 * behind, however the wait ends.
 */
export function sleep(ms: number, signal?: AbortSignal, clock: Clock = systemClock): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const cancel = clock.schedule(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    const abort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Lets timers and sockets have their turn. At once where there is `setImmediate`; browsers' timers take some 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    // Read each time: tests put another one in its place.
    const { setImmediate } = globalThis as { setImmediate?: (turn: () => void) => void };
    if (setImmediate === undefined) setTimeout(resolve, 0);
    else setImmediate(resolve);
  });
}
