import type { TopicPartition } from '../binding/record.js';
import { sizeInBytes } from '../binding/record-size.js';
import { MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '../sending/record-writer.js';
import type { Cursor } from './cursor.js';
import type { Letter } from './letter.js';

/** A dead letter that a run is about to settle. */
export interface Item {
  readonly letter: Letter;
  /** No topic takes its copy. */
  refusal: unknown;
}

/** What a run has to do in one partition of dead letters: items are settled from the front. */
export class Part implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly cursor: Cursor;
  items: Item[] = [];
  #bytes = 0;
  /** By which assignment it is this member's to settle, and nobody else's copies are on their way. */
  securedBy = -1;
  /** So many items go one by one: one of them made a batch fail. */
  apart = 0;

  constructor(cursor: Cursor) {
    this.topic = cursor.topic;
    this.partition = cursor.partition;
    this.from = cursor.next;
    this.cursor = cursor;
  }

  get finished(): boolean {
    return this.items.length === 0 && this.cursor.done;
  }

  /** All below has been settled, or is none of the run's. */
  get position(): number {
    return this.items.length > 0 ? Number(this.items[0]?.letter.offset) : this.cursor.position;
  }

  /** As many as go in one batch. */
  get isFull(): boolean {
    return this.items.length >= MAX_BATCH_RECORDS || this.#bytes >= MAX_BATCH_BYTES;
  }

  add(letter: Letter): void {
    this.items.push({ letter, refusal: undefined });
    this.#bytes += sizeInBytes(letter.record);
  }

  /** Only these are left to be settled. */
  keep(items: Item[]): void {
    this.items = items;
    this.#bytes = items.reduce((sum, { letter }) => sum + sizeInBytes(letter.record), 0);
  }

  settle(count: number): void {
    this.apart = Math.max(0, this.apart - count);
    this.keep(this.items.slice(count));
  }

  /** Its log is gone, and with it what was to be settled. */
  drop(): void {
    this.keep([]);
    this.cursor.cut();
  }
}
