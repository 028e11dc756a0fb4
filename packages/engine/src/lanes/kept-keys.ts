import type { WaitingKeys } from '../attempts/waiting-keys.js';
import type { KafkaRecord } from '../binding/record.js';
import type { Route } from '../plan/plan-topic.js';
import { TierScan } from './tier-scan.js';

/** With `retry.keepKeyOrder`: what one lane does for the order of its keys. */
export class KeptKeys {
  /** Of all topics of the source. */
  readonly waiting: WaitingKeys;
  readonly #isTier: boolean;
  /** Records below this offset have been counted. */
  #counted = 0;
  #scan: TierScan | undefined;
  /** Told when the copy of the record of this offset is acknowledged. */
  readonly #leaving = new Map<number, (() => void)[]>();
  #closed = false;

  constructor(waiting: WaitingKeys, { tier }: Route) {
    this.waiting = waiting;
    this.#isTier = tier > 0;
  }

  /**
   * Records of a tier have been fetched, by rising offsets.
   *
   * @returns true: they are fetched once more, when the scan is over
   */
  came(records: readonly KafkaRecord[]): boolean {
    if (this.#scan !== undefined) {
      this.#scan.take(records);
      return true;
    }
    if (!this.#isTier) return false;
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#counted) continue;
      this.#counted = offset + 1;
      this.waiting.came(record);
    }
    return false;
  }

  /** The client has read up to here, whatever was there. */
  reached(next: number): void {
    this.#scan?.reached(next);
  }

  /** Counts what waits in the tier up to `end`; resolves when all of it has come. Until `open` nothing else is taken in. */
  scan(end: number, isDone: (offset: number) => boolean): Promise<void> {
    const scan = new TierScan(end, (record) => {
      if (!isDone(Number(record.offset))) this.waiting.came(record);
    });
    this.#scan = scan;
    this.#counted = end;
    return scan.done;
  }

  /** What comes from now on is to be handled. */
  open(): void {
    this.#scan = undefined;
  }

  leaves({ offset }: KafkaRecord): void {
    if (!this.#leaving.has(Number(offset))) this.#leaving.set(Number(offset), []);
  }

  left({ offset }: KafkaRecord): Promise<void> | undefined {
    const told = this.#leaving.get(Number(offset));
    return told && new Promise((resolve) => told.push(resolve));
  }

  finished(record: KafkaRecord): void {
    if (this.#closed) return;
    if (this.#isTier) this.waiting.finished(record);
    const offset = Number(record.offset);
    const told = this.#leaving.get(offset);
    this.#leaving.delete(offset);
    for (const tell of told ?? []) tell();
  }

  /** Nothing starts any more: nobody has to wait. */
  letGo(): void {
    for (const told of this.#leaving.values()) for (const tell of told.splice(0)) tell();
  }

  close(): void {
    this.#closed = true;
    this.letGo();
  }
}
