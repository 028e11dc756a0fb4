import {
  type HandOver,
  inTime,
  isTooLate,
  type OutgoingRecord,
  type PublishOutcome,
  type TransactionFailure,
  type TransactionOutcome,
  tooLate,
} from '@velo/engine';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { fetchMetadata } from '../connection/metadata.js';
import { CODES, codeOf } from '../errors/codes.js';
import { undone } from '../errors/errors.js';
import type { ClientLibrary } from '../facts.js';
import type { ClientConfig } from '../properties/config.js';
import { ProducerHandle } from './producer.js';
import { toCommit } from './to-commit.js';

/** Of each step, ms. What takes longer than the transaction may, the brokers have undone. */
const STEP_LIMIT = 5_000;
/** Not every call of the clients' comes back; what has not by then, ms, is given up. */
const PATIENCE = STEP_LIMIT + 2_000;
/** ms. An abort takes milliseconds, unless one of the transaction's partitions has no leader: then as long as it has none. */
const ABORT_LIMIT = 2_000;
/** With a transaction's first error, librdkafka drops all copies that are still on their way. */
const PURGED: ReadonlySet<number> = new Set([CODES.PURGE_INFLIGHT, CODES.PURGE_QUEUE]);

/** The brokers have refused one of the transaction's topics for lack of rights; librdkafka does not say which. */
export interface Denial {
  readonly reason: unknown;
  readonly outcomes: readonly PublishOutcome[];
}

/** One producer of one transactional id, from its fence to its end. */
export class TransactionalProducer {
  readonly #handle: ProducerHandle;
  /** The client's. */
  readonly #name: string;
  /** Nobody knows whether its last transaction will be committed. */
  #inDoubt = false;
  /** Its last transaction was aborted, and may not be over before a partition has a leader again: no other begins then. */
  #stuck = false;

  constructor(library: ClientLibrary, config: ClientConfig) {
    this.#name = library.facts.name;
    this.#handle = new ProducerHandle(library, config);
  }

  /** False: only another producer with its id can make sure how its last transaction ends. */
  get usable(): boolean {
    return !this.#inDoubt && !this.#stuck && this.#handle.usable;
  }

  /** Whether the next producer needs another id. */
  get stuck(): boolean {
    return !this.#inDoubt && this.#stuck;
  }

  /**
   * From now on no transaction of another producer with its id is open or can be committed.
   * @throws CONCURRENT_TRANSACTIONS if one is being ended, but cannot be
   */
  async fence(): Promise<void> {
    const init = (limit: number) =>
      this.#handle.call((client, callback) => client.initTransactions(limit, callback));
    await this.#handle.ready();
    try {
      await init(ABORT_LIMIT);
    } catch (error) {
      if (isConcurrent(error)) throw error;
      // librdkafka goes on where it was.
      await init(STEP_LIMIT - ABORT_LIMIT);
    }
  }

  /** All or nothing. `consumer` tells the brokers which member commits: one that was thrown out is refused. */
  async transact(
    handOvers: readonly HandOver[],
    consumer: ConsumerHandle,
  ): Promise<readonly TransactionOutcome[] | Denial> {
    const handle = this.#handle;
    try {
      await this.#step('begin', () => handle.call((client, callback) => client.beginTransaction(callback)));
      const copies = handOvers.flatMap((handOver) => handOver.copies);
      const outcomes = await this.#step('send', () => handle.deliveries.send(copies));
      if (outcomes.some(({ written }) => !written)) {
        this.#stuck = outcomes.some(isTimedOut);
        const purged = outcomes.every((outcome) => outcome.written || isPurge(outcome.error));
        const reason = purged ? await this.#reason(handOvers, consumer) : undefined;
        await this.#undo();
        await this.#lookAgain(copies, outcomes);
        return isDenied(reason) ? { reason, outcomes } : failuresOf(handOvers, outcomes, reason);
      }
      await this.#sendOffsets(handOvers, consumer);
      await this.#step('commit', () =>
        handle.call((client, callback) => client.commitTransaction(STEP_LIMIT, callback)),
      );
      return handOvers.map(() => ({ committed: true }));
    } catch (error) {
      await this.#undo();
      return handOvers.map(() => ({ committed: false, error }));
    }
  }

  async #sendOffsets(handOvers: readonly HandOver[], consumer: ConsumerHandle): Promise<void> {
    const offsets = handOvers.map(({ offset }) => toCommit(offset));
    // With its consumer disconnected it crashes the process; with its producer disconnected it never comes back.
    await consumer.lend((client) =>
      this.#step('send the offsets', () =>
        this.#handle.call((producer, callback) =>
          producer.sendOffsetsToTransaction(offsets, client, STEP_LIMIT, callback),
        ),
      ),
    );
  }

  /**
   * Why the transaction dropped its copies. librdkafka tells that to whoever takes its next step; should that one work,
   * no harm is done: the transaction is undone next.
   */
  #reason(handOvers: readonly HandOver[], consumer: ConsumerHandle): Promise<unknown> {
    return this.#sendOffsets(handOvers, consumer).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  /** Whether this user may not write to the topic of a copy: it is sent alone, and undone. */
  async refuses(copy: OutgoingRecord, { offset }: HandOver, consumer: ConsumerHandle): Promise<boolean> {
    const handle = this.#handle;
    await this.#step('begin', () => handle.call((client, callback) => client.beginTransaction(callback)));
    const [outcome] = await this.#step('send', () => handle.deliveries.send([copy]));
    const purged = outcome?.written === false && isPurge(outcome.error);
    const reason = purged ? await this.#reason([{ offset, copies: [copy] }], consumer) : undefined;
    await this.#undo();
    return isDenied(reason);
  }

  /** Never rejects. */
  async end(): Promise<void> {
    await this.#patient('end', this.#handle.end()).catch(() => {});
  }

  /** After a step that does not come back, no other is begun: by then the member may be of another generation. */
  async #step<R>(name: string, call: () => Promise<R>): Promise<R> {
    return this.#patient(name, call()).catch((error: unknown) => {
      if (isTooLate(error)) this.#inDoubt = true;
      throw error;
    });
  }

  #patient<R>(name: string, call: Promise<R>): Promise<R> {
    return inTime(PATIENCE, call, () => tooLate(this.#name, name, PATIENCE));
  }

  async #undo(): Promise<void> {
    if (this.#inDoubt) return;
    try {
      await this.#step('abort', () =>
        this.#handle.call((client, callback) => client.abortTransaction(STEP_LIMIT, callback)),
      );
    } catch {
      this.#inDoubt = true;
    }
  }

  /** librdkafka looks for new topics and partitions by itself only after minutes. */
  async #lookAgain(copies: readonly OutgoingRecord[], outcomes: readonly PublishOutcome[]): Promise<void> {
    const unknown = copies.filter((_, i) => isUnknown(outcomes[i] as PublishOutcome));
    for (const topic of new Set(unknown.map((copy) => copy.topic)))
      await fetchMetadata(this.#handle, topic).catch(() => []);
  }
}

/** Whether the transactional id is not free, as its last transaction is not over. */
export function isConcurrent(error: unknown): boolean {
  return codeOf(error) === CODES.CONCURRENT_TRANSACTIONS;
}

function isDenied(error: unknown): boolean {
  return codeOf(error) === CODES.TOPIC_AUTHORIZATION_FAILED;
}

function isTimedOut(outcome: PublishOutcome): boolean {
  return !outcome.written && codeOf(outcome.error) === CODES.MSG_TIMED_OUT;
}

function isUnknown(outcome: PublishOutcome): boolean {
  const code = outcome.written ? undefined : codeOf(outcome.error);
  return code === CODES.UNKNOWN_PARTITION || code === CODES.UNKNOWN_TOPIC;
}

/**
 * Each partition's copies are suspected of their own errors only.
 *
 * @param reason of a transaction that has dropped its copies
 * @param refusing the topics that it is about
 */
export function failuresOf(
  handOvers: readonly HandOver[],
  outcomes: readonly PublishOutcome[],
  reason?: unknown,
  refusing: ReadonlySet<string> = new Set(),
): readonly TransactionFailure[] {
  const errors = outcomes.map((outcome) => (outcome.written ? undefined : outcome.error));
  const copies = handOvers.flatMap((handOver) => handOver.copies);
  const refusals = errors.map((error, i) =>
    !isPurge(error) ? error : refusing.has((copies[i] as OutgoingRecord).topic) ? reason : undefined,
  );
  // Without a refusal it was about the transaction itself.
  const unsuspected = refusals.some(Boolean) ? undone() : (reason ?? errors.find(Boolean));
  let at = 0;
  return handOvers.map(({ copies }) => {
    const own = refusals.slice(at, at + copies.length);
    at += copies.length;
    const error = own.find(Boolean);
    if (error === undefined) return { committed: false, error: unsuspected };
    const suspects = [...own.keys()].filter((i) => own[i] && codeOf(own[i]) === codeOf(error));
    return { committed: false, error, suspects };
  });
}

function isPurge(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && PURGED.has(code);
}
