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

  finished(record: KafkaRecord): void {
    if (this.#isTier && !this.#closed) this.waiting.finished(record);
  }

  close(): void {
    this.#closed = true;
  }
}
