import { type KafkaRecord, sizeInBytes } from './record.js';

/** A queue of fetched records that knows its bytes. Taking is O(1): `Array.shift` copies what is left. */
export class RecordQueue {
  #records: (KafkaRecord | undefined)[] = [];
  #head = 0;
  #bytes = 0;

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** About what the records keep in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  get first(): KafkaRecord | undefined {
    return this.#records[this.#head];
  }

  push(record: KafkaRecord): void {
    this.#records.push(record);
    this.#bytes += sizeInBytes(record);
  }

  take(): KafkaRecord | undefined {
    const record = this.#records[this.#head];
    if (record === undefined) return undefined;
    this.#records[this.#head++] = undefined;
    this.#bytes -= sizeInBytes(record);
    if (this.#head === this.#records.length) this.clear();
    else if (this.#head >= 1024 && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  clear(): void {
    this.#records = [];
    this.#head = 0;
    this.#bytes = 0;
  }
}
