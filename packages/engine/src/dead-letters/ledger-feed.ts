import { partitionKey } from '../binding/record.js';
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

  /** Reads all ledgers to the ends that they have now. */
  async catchUp(): Promise<void> {
    const { scene, reader, ledger, topics } = this.#options;
    const spans = await spansOf(scene.client, [...topics.keys()]);
    const cursors = spans.map((span) => {
      const key = partitionKey(span.topic, span.partition);
      const cursor = this.#cursors.get(key) ?? reader.read(span);
      cursor.extend(span.end);
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
}
