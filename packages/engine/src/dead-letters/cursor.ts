import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import { sizeInBytes } from '../binding/record-size.js';

/** What is to be read of a partition: all from one offset to before another. */
export interface Span extends TopicPartition {
  readonly from: number;
  readonly end: number;
}

/** More records are not fetched ahead, of one partition. */
const MAX_RECORDS = 1_000;
const MAX_BYTES = 2 * 1024 * 1024;

/** How far a span has been read, and what has come and was not taken yet. */
export class Cursor implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  /** The client is where the cursor is: what it delivers counts. */
  sought = false;
  /** The client was told to wait. */
  paused = false;
  #next: number;
  #end: number;
  #queue: KafkaRecord[] = [];
  #bytes = 0;

  constructor({ topic, partition, from, end }: Span) {
    this.topic = topic;
    this.partition = partition;
    this.#next = from;
    this.#end = end;
  }

  get end(): number {
    return this.#end;
  }

  /** The offset to read next. */
  get next(): number {
    return this.#next;
  }

  /** The offset to take next, if there is one. */
  get position(): number {
    return this.#queue.length > 0 ? Number(this.#queue[0]?.offset) : this.#next;
  }

  /** All has come that is below the end. */
  get complete(): boolean {
    return this.#next >= this.#end;
  }

  /** All has come, and was taken. */
  get done(): boolean {
    return this.complete && this.#queue.length === 0;
  }

  get isFull(): boolean {
    return this.#queue.length >= MAX_RECORDS || this.#bytes >= MAX_BYTES;
  }

  get isLow(): boolean {
    return this.#queue.length <= MAX_RECORDS / 2 && this.#bytes <= MAX_BYTES / 2;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  push(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#next) continue;
      this.reached(offset + 1);
      if (offset >= this.#end) return;
      this.#queue.push(record);
      this.#bytes += sizeInBytes(record);
    }
  }

  /** All below `next` has come; what there was beyond the last record is none. */
  reached(next: number): void {
    this.#next = Math.max(this.#next, Math.min(next, this.#end));
  }

  /** The next record. */
  take(): KafkaRecord | undefined {
    const record = this.#queue.shift();
    if (record !== undefined) this.#bytes -= sizeInBytes(record);
    return record;
  }

  /** More is to be read. */
  extend(end: number): void {
    this.#end = Math.max(this.#end, end);
  }

  /** Its log is gone: what has come and was not taken, as well. */
  cut(): void {
    this.#end = this.#next;
    this.#queue = [];
    this.#bytes = 0;
    this.sought = false;
  }
}
