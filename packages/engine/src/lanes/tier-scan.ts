import type { KafkaRecord } from '../binding/record.js';

/** All records of a tier's partition up to its end, of which only the keys are kept: they are fetched again to be handled. */
export class TierScan {
  readonly #end: number;
  readonly #count: (record: KafkaRecord) => void;
  #next = 0;
  #over = () => {};
  /** Resolves when all has come that is below the end. */
  readonly done = new Promise<void>((resolve) => {
    this.#over = resolve;
  });

  constructor(end: number, count: (record: KafkaRecord) => void) {
    this.#end = end;
    this.#count = count;
  }

  take(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#next || offset >= this.#end) continue;
      this.#count(record);
      this.#next = offset + 1;
    }
    const last = records.at(-1);
    if (last !== undefined) this.reached(Number(last.offset) + 1);
  }

  /** What a transaction or compaction has left at the end is no record, and nobody delivers it. */
  reached(next: number): void {
    if (next >= this.#end) this.#over();
  }
}
