import type { Clock, RetryStrategy } from '@velo/retry-core';
import { VeloError } from '@velo/retry-core';
import type {
  HandOver,
  OutgoingRecord,
  PartitionOffset,
  TransactionFailure,
  TransactionOutcome,
  TransactionScope,
} from '../binding/binding.js';
import type { KafkaRecord } from '../binding/record.js';
import { Backlog } from './backlog.js';
import type { HandOffs } from './hand-offs.js';
import type { TopicPatience } from './patience.js';
import type { PendingRecord } from './pending-record.js';
import type { RecordLane } from './record-lane.js';
import { blame, firstBatch, insert, isFinal, type WaitingCopy } from './waiting-copy.js';

export interface TransactionalHandOffsOptions {
  readonly scope: TransactionScope;
  /** Makes its copies fit to be sent; a failure if their topics cannot be written to. */
  readonly ready: (handOver: HandOver) => Promise<HandOver | TransactionFailure>;
  readonly transact: (handOvers: readonly HandOver[]) => Promise<readonly TransactionOutcome[]>;
  /** Why a copy was not written, as it is to be taken: see `UnansweredSends`. */
  readonly judge: (copy: OutgoingRecord, error: unknown) => Promise<unknown>;
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
  /** With topics that have taken copies, and with transactions once there was one. */
  readonly patience: TopicPatience;
  readonly clock: Clock;
}

/** What waits of one lane, by rising offsets. */
interface LaneCopies {
  waiting: WaitingCopy[];
  /** In a row, of transactions that failed by itself. */
  failures: number;
  /** Its copies made the last one fail: they go without those of lanes that have made none fail. */
  apart: boolean;
}

/** What one lane has in a transaction. */
interface Share {
  readonly lane: RecordLane;
  readonly copies: readonly WaitingCopy[];
  readonly offset: PartitionOffset;
  /** Of the lane, when the transaction began. */
  readonly doubts: number;
}

/**
 * Writes copies together with the offsets of their records: one transaction at a time for a partition, or for the
 * member, with all that has come while the last one was under way.
 *
 * A copy goes once all records before its own have finished or go with it. A transaction that did not commit, or may
 * not have, holds its lane until the binding has made its end sure: what is below the group's position then was
 * written, and the rest is tried again. So a copy is refused only after its transaction is known to be undone.
 *
 * A member's transaction fails as a whole: one partition without a leader would hold the copies of all lanes. So the
 * lanes whose copies made one fail go apart from the others, the two in turn.
 */
export class TransactionalHandOffs implements HandOffs {
  readonly #options: TransactionalHandOffsOptions;
  readonly #lanes = new Map<RecordLane, LaneCopies>();
  readonly #backlog = new Backlog();
  /** Lanes with a transaction under way; `undefined` stands for the member. */
  readonly #running = new Set<RecordLane | undefined>();
  readonly #cancels = new Set<() => void>();
  /** Whose turn it is, of a member's transactions. */
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
    const offset = Number(record.offset);
    const added: WaitingCopy = { copy, offset, state: 'new', suspect: false, refusal: undefined };
    const own = this.#lanes.get(lane);
    if (own === undefined) this.#lanes.set(lane, { waiting: [added], failures: 0, apart: false });
    else insert(own.waiting, added);
    this.#begin(lane);
  }

  room(lane: RecordLane): Promise<void> | undefined {
    return this.#backlog.room(lane);
  }

  /** Copies of a lane whose position is in doubt are not on their way. */
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
    const { waiting } = own;
    own.waiting = waiting.filter(({ offset, refusal }) => offset >= position && refusal === undefined);
    for (const one of waiting) {
      const { copy, offset, refusal } = one;
      if (offset < position && one.state !== 'new') this.#settle(one, () => copy.written(undefined));
      else if (offset < position) this.#settle(one, () => copy.dropped());
      else if (refusal !== undefined) this.#settle(one, () => copy.refused(refusal.error));
    }
    this.#begin(lane);
  }

  /** A transaction that is under way still gets its answer. */
  gone(lane: RecordLane): void {
    const own = this.#lanes.get(lane);
    this.#lanes.delete(lane);
    for (const one of own?.waiting ?? [])
      if (one.state !== 'under way') this.#settle(one, () => one.copy.dropped());
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
      for (const { lane } of shares) lane.beginTransaction();
      const outcomes = await this.#transact(shares);
      const told = key === undefined && outcomes.some(namesSuspects);
      shares.forEach((share, i) => {
        const outcome = outcomes[i] as TransactionOutcome;
        this.#ended(share, outcome, told && !namesSuspects(outcome));
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
    return lanes.flatMap((lane) => this.#shareOf(lane) ?? []);
  }

  #shareOf(lane: RecordLane): Share | undefined {
    const batch = firstBatch(this.#lanes.get(lane)?.waiting ?? []);
    if (batch.length === 0) return undefined;
    const offset = lane.positionAfter(batch.map((one) => one.offset));
    if (offset === undefined) return undefined;
    const copies = batch.filter((one) => one.offset < offset.offset || !lane.awaits(one.offset));
    return copies.length === 0 ? undefined : { lane, copies, offset, doubts: lane.doubts };
  }

  async #transact(shares: readonly Share[]): Promise<readonly TransactionOutcome[]> {
    const readied = await Promise.all(
      shares.map(({ offset, copies }) =>
        this.#options.ready({ offset, copies: copies.map(({ copy }) => copy.record) }),
      ),
    );
    const outcomes = readied.map((one, i) => ('copies' in one ? inDoubt(shares[i] as Share) : one));
    // An assignment may have come meanwhile: what it leaves in doubt does not go.
    const going = [...shares.keys()].filter((i) => outcomes[i] === undefined);
    for (const i of going) for (const one of (shares[i] as Share).copies) one.state = 'under way';
    const answers = await this.#answers(going.map((i) => readied[i] as HandOver));
    going.forEach((i, k) => {
      outcomes[i] = answers[k];
    });
    return Promise.all(
      outcomes.map((outcome, i) =>
        this.#judged(shares[i] as Share, outcome ?? failed('The client gave no outcome.')),
      ),
    );
  }

  async #judged({ copies }: Share, outcome: TransactionOutcome): Promise<TransactionOutcome> {
    if (outcome.committed || outcome.suspects?.length !== 1) return outcome;
    const [suspect] = outcome.suspects as [number];
    const { record } = (copies[suspect] as WaitingCopy).copy;
    return { ...outcome, error: await this.#options.judge(record, outcome.error) };
  }

  async #answers(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    try {
      return handOvers.length === 0 ? [] : await this.#options.transact(handOvers);
    } catch (error) {
      return handOvers.map(() => ({ committed: false, error }));
    }
  }

  /** @param byOthers it has failed, by other lanes' copies */
  #ended({ lane, copies, offset, doubts }: Share, outcome: TransactionOutcome, byOthers: boolean): void {
    const own = this.#lanes.get(lane);
    if (outcome.committed) {
      const written = new Set(copies);
      if (own !== undefined) {
        own.failures = 0;
        own.apart = false;
        this.#backlog.mark(lane, false);
        own.waiting = own.waiting.filter((one) => !written.has(one));
      }
      lane.endTransaction(offset);
      this.#worked(copies);
      for (const one of copies) this.#settle(one, () => one.copy.written(undefined));
      return;
    }
    for (const one of copies) {
      if (own === undefined) this.#settle(one, () => one.copy.dropped());
      else if (one.state === 'under way') one.state = 'doubtful';
    }
    if (own === undefined) return;
    const borne = this.#bears(copies, outcome);
    const blamed = !borne && blame(copies, outcome);
    if (byOthers || namesSuspects(outcome)) own.apart = !byOthers && !blamed;
    // Where an assignment has come in between, it opens the lane.
    if (lane.doubts !== doubts) return;
    lane.hold();
    if (blamed || byOthers) this.#options.reopen(lane);
    else this.#tryAgain(lane, own, copies, outcome, borne);
  }

  #worked(copies: readonly WaitingCopy[]): void {
    for (const topic of new Set([undefined, ...copies.map(({ copy }) => copy.record.topic)]))
      this.#options.patience.worked(topic);
  }

  /** Where several topics are suspected, whichever has never taken a copy may be the one. */
  #bears(copies: readonly WaitingCopy[], { error, suspects = [] }: TransactionFailure): boolean {
    const topics = suspects.map((i) => (copies[i] as WaitingCopy).copy.record.topic);
    const asked = topics.length === 0 ? [undefined] : [...new Set(topics)];
    return asked.every((topic) => this.#options.patience.bears(topic, error));
  }

  #tryAgain(
    lane: RecordLane,
    own: LaneCopies,
    copies: readonly WaitingCopy[],
    { error, suspects = [] }: TransactionFailure,
    borne: boolean,
  ): void {
    const { strategy, onRetry, onHopeless, reopen, clock } = this.#options;
    const delay = strategy.delay(own.failures++);
    this.#backlog.mark(lane, true);
    onRetry((copies[suspects[0] ?? 0] as WaitingCopy).copy.record, error, delay);
    if (!borne && isFinal(error)) {
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

  #settle(one: WaitingCopy, tell: () => void): void {
    if (one.state === 'settled') return;
    one.state = 'settled';
    this.#backlog.remove(one.copy);
    tell();
  }
}

/** Of copies that the transaction failed by. */
function namesSuspects(outcome: TransactionOutcome): boolean {
  return !outcome.committed && (outcome.suspects?.length ?? 0) > 0;
}

function inDoubt({ lane, doubts }: Share): TransactionOutcome | undefined {
  return lane.closed || lane.doubts !== doubts ? failed('The partition was assigned anew.') : undefined;
}

function failed(message: string): TransactionFailure {
  return { committed: false, error: new VeloError('VELO_CLIENT', message) };
}
