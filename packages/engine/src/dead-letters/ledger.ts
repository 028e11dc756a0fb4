import { isAnotherTopic } from '../binding/another-topic.js';
import { type KafkaRecord, partitionKey } from '../binding/record.js';
import { readLedgerEntry, readLedgerKey } from './ledger-entry.js';
import type { Letter } from './letter.js';
import { OffsetMarks } from './offset-marks.js';
import type { DeadLetterEvent, DeadLetterStatus } from './types.js';

export interface LedgerOptions {
  /** The first offset that the log of a partition of dead letters still has; `undefined`: the partition is not known. */
  readonly start: (topic: string, partition: number) => number | undefined;
  /** Of a topic of dead letters, where the brokers tell it. */
  readonly topicId: (topic: string) => string | undefined;
  /** The run whose entries are told apart. */
  readonly run?: string | undefined;
}

/** An entry that no dead letter belongs to any more. */
export interface Expired {
  /** Of dead letters. */
  readonly topic: string;
  /** Of the ledger. */
  readonly partition: number;
  readonly key: string;
}

const ACTIONS: readonly DeadLetterEvent['action'][] = ['replayed', 'discarded', 'refused'];
/** An action and 30 bits of a timestamp: two dead letters of one place, of a topic that was made again, differ in it. */
const TIMES = 2 ** 30;
/** Entries that one run clears away. */
const MOST_EXPIRED = 10_000;

/** What is known of the ledgers: 4 bytes for each entry. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #marks = new Map<string, OffsetMarks>();
  /** Of the run's own entries. */
  readonly #own = new Map<string, OffsetMarks>();
  readonly #expired = new Map<string, Expired>();

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /** Entries of dead letters that their topic has deleted. */
  get expired(): readonly Expired[] {
    return [...this.#expired.values()];
  }

  /** Takes a record of the ledger of these dead letters. Total: bytes that velo has not written change nothing. */
  take(topic: string, record: KafkaRecord): void {
    const place = readLedgerKey(record.key);
    const start = place && this.#options.start(topic, place.partition);
    if (place === undefined || start === undefined) return;
    const { partition, offset } = place;
    if (offset < start) {
      this.#expire(topic, record);
      return;
    }
    const marks = marksOf(this.#marks, topic, partition);
    if (record.value === null) marks.set(offset, 0);
    const entry = readLedgerEntry(record);
    if (entry === undefined || isAnotherTopic(entry.topicId, this.#options.topicId(topic))) return;
    const mark = markOf(entry.action, entry.written);
    // What is done stays so, whatever comes behind of the same dead letter.
    if (entry.action === 'refused' && doneBy(marks.get(offset), entry.written) !== 'open') return;
    marks.set(offset, mark);
    if (entry.run === this.#options.run) marksOf(this.#own, topic, partition).set(offset, mark);
  }

  note({ topic, partition, offset, timestamp }: Letter, action: DeadLetterEvent['action']): void {
    marksOf(this.#marks, topic, partition).set(Number(offset), markOf(action, timestamp));
  }

  statusOf({ topic, partition, offset, timestamp }: Letter): DeadLetterStatus {
    return doneBy(marksOf(this.#marks, topic, partition).get(Number(offset)), timestamp);
  }

  /** Whether the run has done that. */
  isOwn({ topic, partition, offset, timestamp }: Letter): boolean {
    return doneBy(marksOf(this.#own, topic, partition).get(Number(offset)), timestamp) !== 'open';
  }

  #expire(topic: string, { partition, key, value }: KafkaRecord): void {
    const text = String(key);
    const at = `${topic} ${text}`;
    if (value === null) this.#expired.delete(at);
    else if (this.#expired.size < MOST_EXPIRED) this.#expired.set(at, { topic, partition, key: text });
  }
}

function marksOf(all: Map<string, OffsetMarks>, topic: string, partition: number): OffsetMarks {
  const key = partitionKey(topic, partition);
  let marks = all.get(key);
  if (marks === undefined) {
    marks = new OffsetMarks();
    all.set(key, marks);
  }
  return marks;
}

function markOf(action: DeadLetterEvent['action'], written: number): number {
  return (ACTIONS.indexOf(action) + 1) * TIMES + shortTime(written);
}

function doneBy(mark: number, timestamp: number): DeadLetterStatus {
  if (mark === 0 || mark % TIMES !== shortTime(timestamp)) return 'open';
  const action = ACTIONS[Math.floor(mark / TIMES) - 1];
  return action === 'replayed' || action === 'discarded' ? action : 'open';
}

function shortTime(timestamp: number): number {
  return ((timestamp % TIMES) + TIMES) % TIMES;
}
