import type { Clock, RetryStrategy } from '@velo/retry-core';
import type {
  OutgoingRecord,
  TransactionFailure,
  TransactionOutcome,
  TransactionScope,
} from '../binding/binding.js';
import type { KafkaRecord } from '../binding/record.js';
import { passes } from '../failures/client-error.js';
import { Backlog } from './backlog.js';
import { type CopyTransactionOptions, namesSuspects, transactShares } from './copy-transaction.js';
import type { HandOffs } from './hand-offs.js';
import type { TopicPatience } from './patience.js';
import type { PendingRecord } from './pending-record.js';
import type { RecordLane } from './record-lane.js';
import { type Share, TransactionalLane } from './transactional-lane.js';
import { blame, type WaitingCopy } from './waiting-copy.js';

export interface TransactionalHandOffsOptions extends CopyTransactionOptions {
  readonly scope: TransactionScope;
  /** Resolves when no plain commit is under way; `undefined` if none is. */
  readonly quiet: () => Promise<void> | undefined;
  /** Finds out where a held lane stands, and opens it. */
  readonly reopen: (lane: RecordLane) => void;
  /** The waits between failed transactions of one lane. */
  readonly strategy: RetryStrategy;
  /** Told of each failed transaction that is tried again. */
  readonly onRetry: (copy: OutgoingRecord, error: unknown, delay: number) => void;
  /** No transaction of this consumer will ever succeed. */
  readonly onHopeless: (error: unknown) => void;
  /**
   * How long topics, and transactions, are tried again that have worked before and are now refused for missing
   * rights.
   */
  readonly patience: TopicPatience;
  readonly clock: Clock;
}

/**
 * Writes copies together with the offsets of their records: one transaction at a time for a partition, or for the
 * member, with all that has come while the last one was under way.
 *
 * A copy goes once all records before its own have finished or go with it. A transaction that did not commit, or may
 * not have, holds its lane until the binding knows how it ended: records below the group's position then have their
 * copies, and the rest is tried again. So a copy is refused only after its transaction is known to be undone.
 *
 * A member's transaction fails as a whole: one partition without a leader would hold up the copies of all lanes. So
 * lanes whose copies have made one fail go in transactions of their own, in turn with those of the other lanes.
 */
export class TransactionalHandOffs implements HandOffs {
  readonly #options: TransactionalHandOffsOptions;
  readonly #lanes = new Map<RecordLane, TransactionalLane>();
  readonly #backlog = new Backlog();
  /** Lanes with a transaction under way; `undefined` stands for the member. */
  readonly #running = new Set<RecordLane | undefined>();
  readonly #cancels = new Set<() => void>();
  /** Of a member's transactions: whether the last one was of the lanes that go apart. */
  #apart = false;
  #closed = false;

  constructor(options: TransactionalHandOffsOptions) {
    this.#options = options;
  }

  get pending(): number {
    return this.#backlog.size;
  }

  get failing(): boolean {
    return [...this.#lanes.values()].some(({ failures }) => failures > 0);
  }

  add(copy: PendingRecord, lane: RecordLane, record: KafkaRecord): void {
    this.#backlog.add(copy, lane, lane);
    let own = this.#lanes.get(lane);
    if (own === undefined) {
      own = new TransactionalLane(lane, (settled) => this.#backlog.remove(settled));
      this.#lanes.set(lane, own);
    }
    own.add(copy, Number(record.offset));
    this.#begin(lane);
  }

  room(lane: RecordLane): Promise<void> | undefined {
    return this.#backlog.room(lane);
  }

  /** Does not wait for the copies of lanes whose position is in doubt: they are not on their way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0 && !this.#closed) await this.#backlog.changed();
  }

  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    for (const lane of [...this.#lanes.keys()]) this.gone(lane);
    this.#backlog.wake();
  }

  opened(lane: RecordLane, position: number): void {
    const own = this.#lanes.get(lane);
    if (own === undefined) return;
    own.opened(position);
    this.#begin(lane);
  }

  moved(lane: RecordLane): void {
    if (this.#lanes.has(lane)) this.#begin(lane);
  }

  gone(lane: RecordLane): void {
    const own = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    own?.close();
  }

  #begin(lane: RecordLane): void {
    const key = this.#options.scope === 'by-partition' ? lane : undefined;
    if (this.#running.has(key) || this.#closed) return;
    this.#running.add(key);
    void this.#run(key);
  }

  async #run(key: RecordLane | undefined): Promise<void> {
    // One turn of microtasks lets the copies of the same round join.
    await Promise.resolve();
    for (;;) {
      for (let commit = this.#options.quiet(); commit !== undefined; commit = this.#options.quiet())
        await commit;
      const shares = this.#closed ? [] : this.#shares(key);
      if (shares.length === 0) break;
      for (const { of } of shares) of.lane.beginTransaction();
      const outcomes = await transactShares(shares, this.#options);
      const told = key === undefined && outcomes.some(namesSuspects);
      shares.forEach((share, i) => {
        const outcome = outcomes[i] as TransactionOutcome;
        if (outcome.committed) this.#committed(share);
        else this.#failed(share, outcome, told && !namesSuspects(outcome));
      });
    }
    this.#running.delete(key);
    this.#backlog.wake();
  }

  #shares(key: RecordLane | undefined): Share[] {
    if (key !== undefined) return this.#sharesOf([key]);
    this.#apart = !this.#apart;
    const now = this.#sharesOf(this.#lanesApart(this.#apart));
    return now.length > 0 ? now : this.#sharesOf(this.#lanesApart(!this.#apart));
  }

  #lanesApart(apart: boolean): RecordLane[] {
    return [...this.#lanes].filter(([, own]) => own.apart === apart).map(([lane]) => lane);
  }

  #sharesOf(lanes: readonly RecordLane[]): Share[] {
    return lanes.flatMap((lane) => this.#lanes.get(lane)?.share() ?? []);
  }

  #committed(share: Share): void {
    this.#backlog.mark(share.of.lane, false);
    for (const topic of new Set([undefined, ...share.copies.map(({ copy }) => copy.record.topic)]))
      this.#options.patience.worked(topic);
    share.of.committed(share);
  }

  /** @param byOthers whether the copies of other lanes made it fail */
  #failed(share: Share, failure: TransactionFailure, byOthers: boolean): void {
    const { of, copies } = share;
    of.undone(share);
    if (of.gone) return;
    const borne = this.#bears(copies, failure);
    const blamed = !borne && blame(copies, failure);
    if (byOthers || namesSuspects(failure)) of.apart = !byOthers && !blamed;
    // If an assignment has come in between, that one opens the lane.
    if (of.lane.doubts !== share.doubts) return;
    of.lane.hold();
    if (blamed || byOthers) this.#options.reopen(of.lane);
    else this.#tryAgain(of, copies, failure, borne);
  }

  /**
   * Where several topics are suspected, one that has never taken a copy may be the cause: then there is no patience.
   */
  #bears(copies: readonly WaitingCopy[], { error, suspects = [] }: TransactionFailure): boolean {
    const topics = suspects.map((i) => (copies[i] as WaitingCopy).copy.record.topic);
    const asked = topics.length === 0 ? [undefined] : [...new Set(topics)];
    return asked.every((topic) => this.#options.patience.bears(topic, error));
  }

  #tryAgain(
    of: TransactionalLane,
    copies: readonly WaitingCopy[],
    { error, suspects = [] }: TransactionFailure,
    borne: boolean,
  ): void {
    const { strategy, onRetry, onHopeless, reopen, clock } = this.#options;
    const { lane } = of;
    const delay = strategy.delay(of.failures++);
    this.#backlog.mark(lane, true);
    onRetry((copies[suspects[0] ?? 0] as WaitingCopy).copy.record, error, delay);
    if (!borne && !passes(error)) {
      onHopeless(error);
      return;
    }
    const { doubts } = lane;
    const cancel = clock.schedule(delay, () => {
      this.#cancels.delete(cancel);
      if (lane.doubts === doubts) reopen(lane);
    });
    this.#cancels.add(cancel);
  }
}
