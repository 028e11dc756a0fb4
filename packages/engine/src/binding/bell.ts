import { within } from './deadline.js';

/** Lets others wait until something has changed. */
export class Bell {
  readonly #waiting = new Set<() => void>();

  /** Resolves when it rings next, or after `limit` ms. */
  async next(limit: number): Promise<void> {
    let hear = () => {};
    const ring = new Promise<void>((resolve) => {
      hear = resolve;
    });
    this.#waiting.add(hear);
    await within(limit, ring);
    this.#waiting.delete(hear);
  }

  ring(): void {
    for (const hear of this.#waiting) hear();
  }
}
