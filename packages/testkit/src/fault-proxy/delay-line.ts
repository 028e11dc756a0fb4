/** Runs actions after a delay, in the order in which they came, whatever the delay has become meanwhile. */
export class DelayLine {
  readonly #delay: () => number;
  readonly #waiting: { readonly due: number; readonly action: () => void }[] = [];

  /** @param delay in ms, asked for each action */
  constructor(delay: () => number) {
    this.#delay = delay;
  }

  push(action: () => void): void {
    const delay = this.#delay();
    if (delay === 0 && this.#waiting.length === 0) {
      action();
      return;
    }
    this.#waiting.push({ due: performance.now() + delay, action });
    if (this.#waiting.length === 1) this.#schedule();
  }

  #schedule(): void {
    const next = this.#waiting[0];
    if (next === undefined) return;
    setTimeout(() => this.#run(), Math.max(0, next.due - performance.now()));
  }

  #run(): void {
    this.#waiting[0]?.action();
    this.#waiting.shift();
    this.#schedule();
  }
}
