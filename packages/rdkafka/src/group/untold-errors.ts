import { type PartitionOffset, partitionKey } from '@velo/engine';
import { type ClientConfig, coded } from '@velo/librdkafka';
import type { RdKafka } from '../api.js';
import { ConsumerHandle } from '../connection/consumer-handle.js';
import type { Holding } from '../fetching/holdings.js';

/** librdkafka's own `socket.timeout.ms`: how long a request, a slow fetch too, may be under way. ms */
const SOCKET_TIMEOUT = 60_000;
/** For the answer of another consumer, ms; what has come by then is nothing. */
const ASK_LIMIT = 5_000;
/** Between two looks for it, ms. */
const LOOK_EVERY = 10;
/** librdkafka's number for the beginning of the log. */
const BEGINNING = -2;

/** A partition of which nothing came when its leader was last asked, though its log went on. */
interface Standstill {
  readonly last: number;
  readonly end: number;
  readonly since: number;
  asked: boolean;
}

/**
 * Finds out why nothing comes of a partition whose log goes on. librdkafka tells of a refused fetch once, and node-rdkafka
 * drops an error that comes behind records in one call: while other partitions flow, nobody would ever know that this one
 * may not be read. So a consumer of its own, which hears nothing else, tries to read there.
 */
export class UntoldErrors {
  readonly #after: number;
  readonly #read: (position: PartitionOffset, isWanted: () => boolean) => Promise<unknown>;
  readonly #still = new Map<string, Standstill>();
  #asking: Promise<void> | undefined;
  #ended = false;

  /** @param read resolves with why a partition cannot be read, `undefined` if that is not known or not so */
  constructor(
    { global }: ClientConfig,
    read: (position: PartitionOffset, isWanted: () => boolean) => Promise<unknown>,
  ) {
    this.#after = Number(global['socket.timeout.ms']) || SOCKET_TIMEOUT;
    this.#read = read;
  }

  /** @param end where the partition's leader says that its log ends; @param tell told of what is found */
  look(holding: Holding, end: number, tell: (error: unknown) => void): void {
    const { topic, partition, last, paused, seeking } = holding;
    const key = partitionKey(topic, partition);
    if (paused || seeking || end <= last + 1) {
      this.#still.delete(key);
      return;
    }
    const now = performance.now();
    const before = this.#still.get(key);
    const same = before?.last === last ? before : undefined;
    const asked = same?.end === end && same.asked;
    const still = { last, end, since: same?.since ?? now, asked };
    this.#still.set(key, still);
    if (asked || now - still.since < this.#after || this.#asking !== undefined) return;
    // Once for each end: behind the last record there may be what is none, such as the end of a transaction.
    still.asked = true;
    const offset = last < 0 ? BEGINNING : last + 1;
    this.#asking = this.#read({ topic, partition, offset }, () => !this.#ended).then((error) => {
      this.#asking = undefined;
      if (error !== undefined) tell(error);
    });
  }

  /** Resolves when nothing is asked any more. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.#asking;
  }
}

/** Why a partition cannot be read, as another consumer is told; `undefined` if it can, or if nobody says. */
export async function readFault(
  library: RdKafka,
  config: ClientConfig,
  { topic, partition, offset }: PartitionOffset,
  isWanted: () => boolean,
): Promise<unknown> {
  const handle = new ConsumerHandle(library, config);
  try {
    await handle.ready();
    handle.client.setDefaultConsumeTimeout(0);
    handle.client.assign([{ topic, partition, offset }]);
    for (const end = performance.now() + ASK_LIMIT; isWanted() && performance.now() < end; await pause()) {
      const heard = await handle
        .call<readonly unknown[]>((client, callback) => client.consume(1, callback))
        .then(
          (messages) => (messages.length > 0 ? 'record' : undefined),
          (error: unknown) => ({ error: coded(error) }),
        );
      if (heard === 'record') return undefined;
      if (heard !== undefined) return heard.error;
    }
    return undefined;
  } catch {
    // No broker was to be reached: that is told elsewhere.
    return undefined;
  } finally {
    await handle.end();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
}
