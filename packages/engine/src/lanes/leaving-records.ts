import type { KafkaRecord } from '../binding/record.js';

/** The records of a lane whose copies are on their way, and who waits for that. */
export class LeavingRecords {
  /** By offset: told when the copy is acknowledged. */
  readonly #told = new Map<number, (() => void)[]>();

  get size(): number {
    return this.#told.size;
  }

  /** A copy may go in several forms, one after the other. */
  add({ offset }: KafkaRecord): void {
    if (!this.#told.has(Number(offset))) this.#told.set(Number(offset), []);
  }

  /** Resolves when its copy is acknowledged, or with `letGo`; `undefined` if none is on its way. */
  left({ offset }: KafkaRecord): Promise<void> | undefined {
    const told = this.#told.get(Number(offset));
    return told && new Promise((resolve) => told.push(resolve));
  }

  ended(record: KafkaRecord): void {
    const offset = Number(record.offset);
    const told = this.#told.get(offset) ?? [];
    this.#told.delete(offset);
    for (const tell of told) tell();
  }

  /** Nothing starts any more: nobody has to wait. */
  letGo(): void {
    for (const told of this.#told.values()) for (const tell of told.splice(0)) tell();
  }
}
