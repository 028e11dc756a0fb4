/** Between two samples, ms. */
const INTERVAL = 10;

/**
 * How late plain timers of this process are, from now on: what a busy machine adds to every wait, velo's too.
 *
 * @returns ends the sampling and gives all latenesses, in ms
 */
export function sampleTimerLag(): () => readonly number[] {
  const lags: number[] = [];
  let due = performance.now() + INTERVAL;
  const timer = setInterval(() => {
    const now = performance.now();
    lags.push(Math.max(0, now - due));
    due = now + INTERVAL;
  }, INTERVAL).unref();
  return () => {
    clearInterval(timer);
    return lags;
  };
}
