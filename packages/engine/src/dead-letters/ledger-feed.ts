import { partitionKey, type TopicPartition } from '../binding/record.js';
import type { Cursor } from './cursor.js';
import type { Ledger } from './ledger.js';
import type { LogReader } from './log-reader.js';
import { takeSome } from './look.js';
import { type Scene, spansOf } from './survey.js';

export interface LedgerFeedOptions {
  readonly scene: Scene;
  readonly reader: LogReader;
  readonly ledger: Ledger;
  /** The topic of dead letters of each ledger. */
  readonly topics: ReadonlyMap<string, string>;
}

/** Keeps what is known of the ledgers up to date while a run goes on. */
export class LedgerFeed {
  readonly #options: LedgerFeedOptions;
  readonly #cursors = new Map<string, Cursor>();

  constructor(options: LedgerFeedOptions) {
    this.#options = options;
  }

  /**
   * Reads all ledgers to the ends that they have now. In these partitions, as far as to a record of one's own: nobody can read beyond a
   * transaction that is open, and what the brokers tell of the end may lie before it. That the ledger takes records is proven with it.
   */
  async catchUp(places: readonly TopicPartition[]): Promise<void> {
    const { scene, reader, ledger, topics } = this.#options;
    const ends = await Promise.all(places.map((place) => this.#mark(place)));
    const known = new Map(
      places.map((place, i) => [partitionKey(place.topic, place.partition), ends[i] ?? 0]),
    );
    const spans = await spansOf(scene.client, [...topics.keys()]);
    const cursors = spans.map((span) => {
      const key = partitionKey(span.topic, span.partition);
      const cursor = this.#cursors.get(key) ?? reader.read(span);
      cursor.extend(Math.max(span.end, known.get(key) ?? 0));
      this.#cursors.set(key, cursor);
      return cursor;
    });
    for (;;) {
      for (const cursor of cursors) {
        for (const record of takeSome(cursor)) ledger.take(topics.get(record.topic) as string, record);
        reader.goOn(cursor);
      }
      if (cursors.every(({ done }) => done)) return;
      if (cursors.every(({ isEmpty }) => isEmpty)) await reader.change();
    }
  }

  /** @returns the offset behind the record. @throws the brokers' refusal */
  async #mark(place: TopicPartition): Promise<number | undefined> {
    const [outcome] = await this.#options.scene.client.publish([
      { ...place, key: 'none', value: null, headers: [] },
    ]);
    if (outcome?.written === false) throw outcome.error;
    return outcome?.offset === undefined ? undefined : Number(outcome.offset) + 1;
  }
}
