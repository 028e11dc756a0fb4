import type { Clock } from '@velo/retry-core';
import type { OffsetRange } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { partitionKey, partitionOf, type TopicPartition } from '../binding/record.js';

/** What of one partition is not handled yet. */
export interface PartitionLag extends TopicPartition {
  /**
   * Not fetched, or fetched and not ended. Offsets that no record has count until they are passed, as after compaction; ends of
   * transactions do so for moments.
   */
  readonly records: number;
  /** How long ago the brokers told where the log ends, ms; in between it grows unseen. */
  readonly age: number;
}

/** What lag is reckoned from, of a partition that the member owns. */
export interface ReadPartition extends TopicPartition {
  /** Nothing below this offset is to be fetched; `undefined` while that is not known. */
  readonly readTo: number | undefined;
  readonly load: { readonly records: number };
}

export interface LagOptions {
  readonly reading: () => Iterable<ReadPartition>;
  /** Asks the brokers where logs end, as `ClientBinding.offsets`. */
  readonly offsets: (partitions: readonly TopicPartition[]) => readonly Promise<OffsetRange>[];
  readonly clock: Clock;
}

/** Brokers are asked at most once in so long, ms, however often lag is. */
const ASK_EVERY = 10_000;
/** Who asks for the lag waits so long for the brokers, ms: then it is reckoned from what they told before. */
const ANSWER_LIMIT = 2_000;

interface LogEnd {
  readonly offset: number;
  /** By the clock's `now`, ms. */
  readonly at: number;
}

/**
 * How many records of its partitions a consumer has not handled yet. Committed offsets do not tell that: the ends of transactions
 * are offsets, too, and no record will ever come for them. So lag is what the log has beyond what the client has read, which
 * passes over such ends, and what waits in memory. Nobody is asked anything while nobody asks for it.
 */
export class Lag {
  readonly #options: LagOptions;
  readonly #ends = new Map<string, LogEnd>();
  #asking: Promise<unknown> | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(options: LagOptions) {
    this.#options = options;
  }

  /** Of partitions that are being read, where their leaders have told where they end. Never rejects. */
  async read(): Promise<readonly PartitionLag[]> {
    const { reading, clock } = this.#options;
    this.#ask();
    if (this.#asking !== undefined) await within(ANSWER_LIMIT, this.#asking, clock);
    const now = clock.now();
    return [...reading()].flatMap((one) => {
      const end = this.#ends.get(partitionKey(one.topic, one.partition));
      if (end === undefined || one.readTo === undefined) return [];
      const records = Math.max(0, end.offset - one.readTo) + one.load.records;
      return [{ ...partitionOf(one), records, age: now - end.at }];
    });
  }

  #ask(): void {
    const { reading, offsets, clock } = this.#options;
    const at = clock.now();
    if (this.#asking !== undefined || at - this.#askedAt < ASK_EVERY) return;
    const partitions = [...reading()].map(partitionOf);
    this.#forgetOthers(partitions);
    if (partitions.length === 0) return;
    this.#askedAt = at;
    const answers = offsets(partitions).map(async (answer, i) => {
      const { topic, partition } = partitions[i] as TopicPartition;
      this.#ends.set(partitionKey(topic, partition), { offset: (await answer).latest, at });
    });
    this.#asking = Promise.allSettled(answers).then(() => {
      this.#asking = undefined;
    });
  }

  #forgetOthers(partitions: readonly TopicPartition[]): void {
    const read = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    for (const key of this.#ends.keys()) if (!read.has(key)) this.#ends.delete(key);
  }
}
