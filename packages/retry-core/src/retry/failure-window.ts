/** Parts of a window: what counts is from the last `window` to the last `window` less one of them. */
const PARTS = 10;

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

  /** Of all calls, 0 to 1; 0 while there are fewer than `least`. */
  share(least: number): number {
    const calls = sum(this.calls);
    return calls < least ? 0 : sum(this.failed) / calls;
  }

  /** A clock that goes back, or tells no number, moves nothing. */
  private moveOn(to: number): void {
    if (!(to > this.now)) return;
    for (let part = Math.max(this.now + 1, to - PARTS + 1); part <= to; part++)
      this.calls[part % PARTS] = this.failed[part % PARTS] = 0;
    this.now = to;
  }
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
