import { partitionKey, type TopicPartition } from '@velo/engine';
import { sleep } from '@velo/retry-core';
import type { RdKafka } from '../api.js';
import { ConsumerHandle } from '../connection/consumer-handle.js';
import { listen } from '../connection/listen.js';
import { coded } from '../errors/codes.js';
import { stuckPartition } from '../errors/errors.js';
import type { Holding } from '../fetching/holdings.js';
import type { ClientConfig } from '../properties/config.js';

/**
 * How long nothing has come before that is looked into, ms; less where requests may not take as long
 * (`socket.timeout.ms`).
 */
const LOOKED_INTO_AFTER = 15_000;
/**
 * The same where nothing has come since the partition was assigned, ms: that is where what librdkafka knows is out of date, and
 * a partition that is only slow to fetch has brought something by then.
 */
const FIRST_LOOKED_INTO_AFTER = 5_000;
/**
 * The same while librdkafka has messages of other partitions all the time, ms: what it has fetched of this one stands behind them,
 * as it does of a tier that was just made for a topic with a backlog.
 */
const BUSY_LOOKED_INTO_AFTER = 60_000;
/** For the answer of another consumer, ms; what has come by then is nothing. */
const ASK_LIMIT = 5_000;
/** Between two looks for it, ms. */
const LOOK_EVERY = 10;
/** ms. What another consumer has read may be on its way to this one. */
const GRACE = 2_000;

/** A partition of which nothing came when its leader was last asked, though its log goes on, or ends below what has come. */
interface Standstill {
  readonly last: number;
  readonly end: number;
  readonly since: number;
  asked: boolean;
}

/** What the member knows beside what has come of a partition. */
export interface Surroundings {
  /** Where the partition's leader says that its log ends. */
  readonly end: number;
  /** When librdkafka last had nothing more to hand out, of whatever partition, by `performance.now()`. */
  readonly emptyAt: () => number;
}

/** What another consumer has found: a record, or why it gets none; `undefined`: there is none, or nobody says. */
export type Finding = 'record' | { readonly error: unknown } | undefined;

export interface StandstillsOptions {
  readonly config: ClientConfig;
  /** @param offset `undefined`: where the group stands */
  readonly read: (
    partition: TopicPartition,
    offset: number | undefined,
    isWanted: () => boolean,
  ) => Promise<Finding>;
}

/**
 * Finds out why nothing comes of a partition that has more to read, by a consumer of its own that tries to read there.
 *
 * - An error that nobody has heard: librdkafka tells of a refused fetch once, and its clients drop an error that comes
 *   behind records in one call.
 * - What librdkafka knows of the partition is out of date. It takes no metadata whose leader epoch is below the one that it
 *   knows. Of a topic that was deleted and made again while it did not look, the epochs begin anew, and nothing is fetched
 *   until they have come as far: for ever, where leaders do not move. Another consumer knows nothing old.
 */
export class Standstills {
  /** ms */
  readonly #longest: number;
  readonly #read: StandstillsOptions['read'];
  readonly #still = new Map<string, Standstill>();
  #asking: Promise<void> | undefined;
  #ended = false;

  constructor({ config, read }: StandstillsOptions) {
    this.#longest = Number(config.global['socket.timeout.ms']) || LOOKED_INTO_AFTER;
    this.#read = read;
  }

  /** @param tell told of what is found */
  look(holding: Holding, { end, emptyAt }: Surroundings, tell: (error: unknown) => void): void {
    const { topic, partition, last } = holding;
    const key = partitionKey(topic, partition);
    if (!isWaiting(holding) || end === last + 1 || end === 0) {
      this.#still.delete(key);
      return;
    }
    const now = performance.now();
    const before = this.#still.get(key);
    const same = before?.last === last ? before : undefined;
    const asked = same?.end === end && same.asked;
    const still = { last, end, since: same?.since ?? now, asked };
    this.#still.set(key, still);
    const after = Math.min(this.#longest, last < 0 ? FIRST_LOOKED_INTO_AFTER : LOOKED_INTO_AFTER);
    const isLong = emptyAt() - still.since >= after || now - still.since >= BUSY_LOOKED_INTO_AFTER;
    if (asked || !isLong || this.#asking !== undefined) return;
    // Once for each end: behind the last record there may be what is none, such as the end of a transaction.
    still.asked = true;
    this.#asking = this.#ask(holding, end, emptyAt).then((error) => {
      this.#asking = undefined;
      if (error !== undefined) tell(error);
    });
  }

  /** Resolves when nothing is asked any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#asking;
  }

  async #ask(holding: Holding, end: number, emptyAt: () => number): Promise<unknown> {
    const { topic, partition, last, from } = holding;
    const isStill = () =>
      !this.#ended && isWaiting(holding) && holding.last === last && holding.from === from;
    const offset = last < 0 ? from : last + 1;
    // The log has none such: a consumer that saw it as it is would have begun anew long ago.
    const isBeyond = offset !== undefined && end < offset;
    if (!isBeyond) {
      const found = await this.#read({ topic, partition }, offset, isStill);
      if (found !== 'record') return found?.error;
    }
    const over = performance.now() + GRACE;
    const isOver = () => emptyAt() >= over || performance.now() >= over + BUSY_LOOKED_INTO_AFTER;
    while (isStill() && !isOver()) await sleep(LOOK_EVERY);
    return isStill() ? stuckPartition(topic, partition) : undefined;
  }
}

/** Records of it are wanted. */
function isWaiting({ owned, paused, seeking }: Holding): boolean {
  return owned && !paused && !seeking;
}

/** What a consumer of its own finds at a place in a log. */
export async function tryToRead(
  library: RdKafka,
  config: ClientConfig,
  { topic, partition }: TopicPartition,
  offset: number | undefined,
  isWanted: () => boolean,
): Promise<Finding> {
  const global = { ...config.global, 'enable.partition.eof': true };
  const handle = new ConsumerHandle(library, { ...config, global });
  let atEnd = false;
  listen(handle.client, 'partition.eof', () => {
    atEnd = true;
  });
  try {
    await handle.ready();
    handle.client.setDefaultConsumeTimeout(0);
    handle.client.assign([offset === undefined ? { topic, partition } : { topic, partition, offset }]);
    for (
      const end = performance.now() + ASK_LIMIT;
      isWanted() && performance.now() < end;
      await sleep(LOOK_EVERY)
    ) {
      const heard = await handle
        .call<readonly unknown[]>((client, callback) => client.consume(1, callback))
        .then(
          (messages): Finding => (messages.length > 0 ? 'record' : undefined),
          (error: unknown) => ({ error: coded(error) }),
        );
      if (heard !== undefined || atEnd) return heard;
    }
    return undefined;
  } catch {
    // No broker was to be reached: that is told elsewhere.
    return undefined;
  } finally {
    await handle.end();
  }
}
