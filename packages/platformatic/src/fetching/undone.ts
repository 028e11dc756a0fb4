import type { FetchedBatch, FetchedPartition } from '../api.js';

type Aborted = NonNullable<FetchedPartition['abortedTransactions']>;

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Where the type stands in a marker's key, behind its version. */
const TYPE_AT = 2;
const ABORT = 0;

/**
 * The batches of aborted transactions, found as Kafka's own consumer finds them, in one go through a partition's answer.
 * The client's own filter keeps one transaction for each producer, and none whose marker is in a later answer.
 */
export class Undone {
  readonly #left: Aborted[number][];
  readonly #open = new Set<bigint>();
  #next = 0;

  constructor(aborted: Aborted) {
    this.#left = [...aborted].sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /** Whether a batch is to be passed over. Called for each, in their order. */
  hides({ firstOffset, lastOffsetDelta, attributes, producerId, records }: FetchedBatch): boolean {
    const last = firstOffset + BigInt(lastOffsetDelta);
    for (
      let aborted = this.#left[this.#next];
      aborted && aborted.firstOffset <= last;
      aborted = this.#left[++this.#next]
    )
      this.#open.add(aborted.producerId);
    if (!this.#open.has(producerId)) return false;
    if ((attributes & CONTROL) === 0) return (attributes & TRANSACTIONAL) !== 0;
    const key = records[0]?.key;
    if (key && key.length >= TYPE_AT + 2 && key.readInt16BE(TYPE_AT) === ABORT) this.#open.delete(producerId);
    return true;
  }
}
