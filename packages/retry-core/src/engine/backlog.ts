import type { OutgoingRecord } from './binding.js';

/** On their way at once; lanes wait for room above it, so an outage of the tiers costs bounded memory. */
const MAX_RECORDS = 2_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** How many records are on their way, and who waits for fewer. */
export class Backlog {
  #records = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  get size(): number {
    return this.#records;
  }

  add(record: OutgoingRecord): void {
    this.#records++;
    this.#bytes += bytesOf(record);
  }

  /** Those who wait are told by `wake`. */
  remove(record: OutgoingRecord): void {
    this.#records--;
    this.#bytes -= bytesOf(record);
  }

  /** Resolves when something has changed; `undefined` if there is room now. */
  room(): Promise<void> | undefined {
    return this.#records < MAX_RECORDS && this.#bytes < MAX_BYTES ? undefined : this.changed();
  }

  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** Of key, value and headers. */
export function bytesOf({ key, value, headers }: OutgoingRecord): number {
  return headers.reduce(
    (sum, [name, text]) => sum + name.length + (text?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );
}
