import { ownRecord } from '../binding/own-record.js';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import { sizeInBytes } from '../binding/record-size.js';
import type { LaneHost } from './lane-host.js';
import type { Waiting } from './shared-buffer.js';

export type BufferHost = Pick<LaneHost, 'bufferRecords' | 'bufferBytes' | 'buffer' | 'pause' | 'resume'>;

/**
 * The fetched records of one lane, and whether its partition is paused for them. It is paused above a limit of its
 * own, or above its share of what the consumer may keep, and resumed at half of that. Taking is O(1): `Array.shift`
 * copies what is left.
 */
export class LaneBuffer implements Waiting {
  readonly #lane: TopicPartition;
  readonly #host: BufferHost;
  #records: (KafkaRecord | undefined)[] = [];
  /** As numbers: each is asked for several times, and a text is slow to read. */
  #offsets: number[] = [];
  #head = 0;
  /** Of the queued ones. */
  #bytes = 0;
  /** The one that was taken last, until `release`: it is in memory, too. */
  #taken: KafkaRecord | undefined;
  #takenOffset = -1;
  #takenBytes = 0;
  /** Those that are under way beside the ones taken after them. */
  readonly #kept = new Set<KafkaRecord>();
  #keptBytes = 0;
  #paused = false;
  /** How many have come, in all; at the last `settle`; and how many of them it has settled. */
  #pushed = 0;
  #seen = 0;
  #settled = 0;

  constructor(lane: TopicPartition, host: BufferHost) {
    this.#lane = lane;
    this.#host = host;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** The queued ones, and those that are kept. */
  get inMemory(): number {
    return this.length + this.#kept.size;
  }

  /** About what the queued records keep in memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All that have come and have not ended, those that are under way among them; about how much memory they keep. */
  get load(): { readonly records: number; readonly bytes: number } {
    const taken = this.#taken === undefined ? 0 : 1;
    return { records: this.inMemory + taken, bytes: this.#bytes + this.#keptBytes + this.#takenBytes };
  }

  get first(): KafkaRecord | undefined {
    return this.#records[this.#head];
  }

  /** Of the one that was taken last it is known; of any other one it is read. */
  offsetOf(record: KafkaRecord): number {
    return record === this.#taken ? this.#takenOffset : Number(record.offset);
  }

  get paused(): boolean {
    return this.#paused;
  }

  push(record: KafkaRecord, offset: number): void {
    const bytes = sizeInBytes(record);
    this.#records.push(record);
    this.#offsets.push(offset);
    this.#pushed++;
    this.#bytes += bytes;
    this.#host.buffer.came(bytes);
  }

  /** After pushes. */
  pauseIfFull(): void {
    const { bufferRecords, bufferBytes, buffer } = this.#host;
    if (this.#paused || this.length === 0) return;
    const mostBytes = Math.min(bufferBytes, buffer.free - this.#takenBytes);
    if (this.inMemory <= bufferRecords && this.#bytes + this.#keptBytes <= mostBytes) return;
    this.#paused = true;
    this.#host.pause(this.#lane);
  }

  /** The next one. The one before it has ended. */
  take(): KafkaRecord | undefined {
    const record = this.#records[this.#head];
    if (record === undefined) return undefined;
    this.#letGo();
    this.#records[this.#head++] = undefined;
    this.#taken = record;
    this.#takenOffset = this.#offsets[this.#head - 1] as number;
    this.#takenBytes = sizeInBytes(record);
    this.#bytes -= this.#takenBytes;
    if (this.#head === this.#records.length) this.#empty();
    else if (this.#head >= 1024 && this.#head * 2 >= this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#offsets = this.#offsets.slice(this.#head);
      this.#head = 0;
    }
    this.resumeIfRoom();
    return record;
  }

  /** The one that was taken last stays under way beside those that are taken after it, until `end`. */
  keep(record: KafkaRecord): void {
    this.#kept.add(record);
    this.#keptBytes += this.#takenBytes;
    this.#taken = undefined;
    this.#takenBytes = 0;
  }

  /** One that was kept has ended. */
  end(record: KafkaRecord): void {
    if (!this.#kept.delete(record)) return;
    const bytes = sizeInBytes(record);
    this.#keptBytes -= bytes;
    this.#host.buffer.gone(bytes);
    this.resumeIfRoom();
  }

  /** The one that was taken last has ended. */
  release(): void {
    this.#letGo();
    this.resumeIfRoom();
  }

  clear(): void {
    this.#host.buffer.gone(this.#bytes);
    this.#bytes = 0;
    this.#empty();
    this.#letGo();
  }

  resumeIfRoom(): void {
    if (!this.#paused) return;
    const { bufferRecords, bufferBytes, buffer } = this.#host;
    const waiting = this.#bytes + this.#keptBytes;
    if (this.inMemory > bufferRecords / 2 || waiting > bufferBytes / 2) return;
    const all = waiting + this.#takenBytes;
    if (all > 0 && all > buffer.free / 2) return;
    this.#paused = false;
    this.#host.resume(this.#lane);
  }

  /** Records may have to wait from now on. */
  watch(): void {
    if (this.inMemory > 0 || this.#taken !== undefined) this.#host.buffer.watch(this);
  }

  settle(): boolean {
    if (this.#taken !== undefined) ownRecord(this.#taken);
    for (const record of this.#kept) ownRecord(record);
    const first = this.#pushed - this.length;
    for (let at = Math.max(this.#settled, first); at < this.#seen; at++)
      ownRecord(this.#records[this.#head + at - first] as KafkaRecord);
    this.#settled = this.#seen;
    this.#seen = this.#pushed;
    return (this.#settled < this.#pushed && this.length > 0) || this.#kept.size > 0;
  }

  #letGo(): void {
    this.#host.buffer.gone(this.#takenBytes);
    this.#taken = undefined;
    this.#takenBytes = 0;
  }

  #empty(): void {
    this.#records = [];
    this.#offsets = [];
    this.#head = 0;
  }
}
