/** Parts of a window, to one of which it is exact. */
const PARTS = 30;

/** How many calls have ended in the last `window` milliseconds, and how many of them have failed. Time is an argument. */
export class FailureWindow {
  private readonly part: number;
  private readonly calls: number[] = [];
  private readonly failed: number[] = [];
  /** The number of the part that is filled now, since the clock's zero. */
  private now = 0;

  /** @param window ms */
  constructor(window: number) {
    this.part = window / PARTS;
    this.clear();
  }

  clear(): void {
    for (let i = 0; i < PARTS; i++) this.calls[i] = this.failed[i] = 0;
  }

  add(now: number, failed: boolean): void {
    this.moveOn(Math.floor(now / this.part));
    const i = this.now % PARTS;
    this.calls[i] = (this.calls[i] as number) + 1;
    if (failed) this.failed[i] = (this.failed[i] as number) + 1;
  }

  /**
   * Of the latest calls, 0 to 1: so many parts back as hold `least` of them, so that thousands that went well before do not hide what goes
   * wrong now; 0 while there are fewer.
   */
  share(least: number): number {
    let calls = 0;
    let failed = 0;
    for (let back = 0; back < PARTS; back++) {
      const i = (this.now + PARTS - back) % PARTS;
      calls += this.calls[i] as number;
      failed += this.failed[i] as number;
      if (calls >= least) return failed / calls;
    }
    return 0;
  }

  /** A clock that goes back, or tells no number, moves nothing. */
  private moveOn(to: number): void {
    if (!(to > this.now)) return;
    for (let part = Math.max(this.now + 1, to - PARTS + 1); part <= to; part++)
      this.calls[part % PARTS] = this.failed[part % PARTS] = 0;
    this.now = to;
  }
}
