/**
 * Loaded before all else in a member's process: its wall clock steps when a signal says so, as where NTP sets it or a
 * virtual machine goes on. Timers and the monotonic clock do not, as in any process.
 */
import { CLOCK_BACK, CLOCK_FORWARD } from './member/settings.js';

/** ms */
const STEP = 3_600_000;

const RealDate = Date;
let shift = 0;

class SteppedDate extends RealDate {
  static override now(): number {
    return RealDate.now() + shift;
  }

  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [SteppedDate.now()] : given) as [number]));
  }
}

globalThis.Date = SteppedDate as DateConstructor;
process.on(CLOCK_BACK, () => {
  shift -= STEP;
});
process.on(CLOCK_FORWARD, () => {
  shift += STEP;
});
