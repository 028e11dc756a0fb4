import { type Clock, nextTurn } from '../clock.js';
import type { ErrorCategory } from '../errors/category.js';
import { messageOf, VeloError } from '../velo-error.js';
import type { PartitionOffset } from './binding.js';
import type { Committable } from './committer.js';
import { type Decision, decide } from './decide.js';
import type { ConsumerEvents, Emitter } from './events.js';
import { type Failure, failureOf } from './failure.js';
import type { HandOffs } from './hand-offs.js';
import { TryContext } from './handler-context.js';
import { DecodeFailure, invoke } from './invoke.js';
import { OffsetTracker } from './offset-tracker.js';
import type { Route } from './plan.js';
import type { KafkaRecord, TopicPartition } from './record.js';
import { RecordQueue } from './record-queue.js';
import { copyHeaders, initialState, type RetryState, readRetryState } from './retry-state.js';

/** What lanes share: one for each consumer. */
export interface LaneHost {
  readonly clock: Clock;
  readonly groupId: string;
  readonly events: Emitter;
  readonly handOffs: HandOffs;
  readonly bufferRecords: number;
  readonly bufferBytes: number;
  /** Which partition of velo's own topic takes the copies of a source's partition. */
  partitionFor(topic: string, partition: number): number;
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /** Something may be committed. */
  finished(lane: Committable, soon: boolean): void;
  recordTry(failure: Failure | undefined): void;
  /** The consumer must stop before this record. */
  halt(error: VeloError): void;
}

/**
 * - `held`: nothing starts until the position is known (after each assignment)
 * - `open`: works
 * - `resting`: the partition may go to another member: nothing starts, what is finished is committed
 * - `draining`: what runs may finish, nothing starts
 * - `closed`: the partition is gone; what runs is aborted and changes nothing any more
 */
type Phase = 'held' | 'open' | 'resting' | 'draining' | 'closed';

/** Handlers that never wait give way to the event loop after so many ms; the clock is read every so many records. */
const TURN = 5;
const LOOK_EVERY = 64;

/** What a strategy learns from: the category of the last failure, and all waits in place since the first, ms. */
interface TriesBefore {
  readonly category: ErrorCategory;
  readonly waited: number;
}

/** The queue and worker of one assigned partition: it runs handlers, waits, hands off, and knows what may be committed. */
export class Lane implements Committable, TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly #route: Route;
  readonly #host: LaneHost;
  readonly #queue = new RecordQueue();
  readonly #tracker = new OffsetTracker(0);
  /** What is below was taken in already, or is not wanted. */
  #accepted = 0;
  #committed = -1;
  #metadata = '';
  #phase: Phase = 'held';
  #paused = false;
  #jumped = false;
  #marked = false;
  #working: Promise<void> | undefined;
  /** Wakes whatever the worker sleeps on. */
  #wake: (() => void) | undefined;
  #context: TryContext | undefined;
  #runningSince = 0;
  /** Told when the running handler has ended. */
  #handlerEnded: (() => void)[] = [];

  /** @param route how its topic's records are handled */
  constructor(partition: TopicPartition, route: Route, host: LaneHost) {
    this.topic = partition.topic;
    this.partition = partition.partition;
    this.#route = route;
    this.#host = host;
  }

  get queued(): number {
    return this.#queue.length;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** All below it has finished. */
  get position(): number {
    return this.#tracker.position;
  }

  get committed(): number {
    return this.#committed;
  }

  /** The try whose handler is running, and since when. */
  get running(): { readonly context: TryContext; readonly since: number } | undefined {
    return this.#context && this.#runningSince > 0
      ? { context: this.#context, since: this.#runningSince }
      : undefined;
  }

  get toCommit(): PartitionOffset | undefined {
    this.#marked = false;
    if (this.#phase === 'held' || this.#phase === 'closed') return undefined;
    const { topic, partition, position } = this;
    return position > this.#committed
      ? { topic, partition, offset: position, metadata: this.#metadata }
      : undefined;
  }

  committedUpTo(offset: number): void {
    if (offset > this.#committed) this.#committed = offset;
  }

  /** Takes fetched records in; what was fetched again after a rebalance is dropped. */
  push(records: readonly KafkaRecord[]): void {
    if (this.#phase === 'closed' || this.#phase === 'draining') return;
    if (this.#jumped && records[0] !== undefined) this.#land(Number(records[0].offset));
    for (const record of records) {
      const offset = Number(record.offset);
      if (offset < this.#accepted) continue;
      this.#accepted = offset + 1;
      this.#queue.push(record);
    }
    if (
      !this.#paused &&
      (this.#queue.length > this.#host.bufferRecords || this.#queue.bytes > this.#host.bufferBytes)
    ) {
      this.#paused = true;
      this.#host.pause(this);
    }
    this.#start();
  }

  /** The client's position was out of range, so it goes on at another one: the next record tells where. */
  outOfRange(): void {
    this.#jumped = true;
  }

  #land(offset: number): void {
    const { topic, partition } = this;
    const from = this.#accepted;
    this.#jumped = false;
    this.#accepted = offset;
    // The client may have committed where it goes on, over what was committed before.
    this.#committed = -1;
    this.#host.events.emit('offsetOutOfRange', passedOver({ topic, partition }, from, offset));
    this.#mark(true);
  }

  /** A new assignment: nothing starts until `open` says from where. */
  hold(): void {
    if (this.#phase === 'open' || this.#phase === 'resting') this.#phase = 'held';
  }

  /** The partition may be taken away: nothing new starts until the next assignment. Resolves when no handler runs. */
  rest(): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'resting';
    if (this.#context === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#handlerEnded.push(resolve));
  }

  /** Begins, or goes on, at `position`, which is committed. Nothing below it starts. */
  open(position: number, metadata: string): void {
    if (this.#phase !== 'held') return;
    this.#metadata = metadata;
    if (position > this.#committed) this.#committed = position;
    if (position > this.#accepted) this.#accepted = position;
    this.#tracker.advance(position);
    while (this.#queue.first !== undefined && Number(this.#queue.first.offset) < position) this.#queue.take();
    this.#phase = 'open';
    this.#makeRoom();
    this.#wake?.();
    this.#start();
    if (this.position > this.#committed) this.#mark(false);
  }

  /** Nothing new starts; resolves when what runs has ended. */
  drain(): Promise<void> {
    if (this.#phase !== 'closed') this.#phase = 'draining';
    this.#wake?.();
    return this.#working ?? Promise.resolve();
  }

  /** The partition is gone. The running handler's signal is aborted; resolves when it has ended. */
  close(reason: string): Promise<void> {
    this.#phase = 'closed';
    this.#queue.clear();
    this.#context?.abort(new VeloError('VELO_ABORTED', reason));
    this.#wake?.();
    return this.#working ?? Promise.resolve();
  }

  #start(): void {
    if (this.#working !== undefined || this.#phase !== 'open' || this.#queue.length === 0) return;
    this.#working = this.#work().then(
      () => {
        this.#working = undefined;
        if (this.position > this.#committed) this.#mark(true);
        this.#start();
      },
      // Only what the configuration brought along can throw here: a strategy, say.
      (error: unknown) => {
        this.#working = undefined;
        const message = `A record of ${this.topic}, partition ${this.partition}, could not be taken care of: ${messageOf(error)}`;
        this.#host.halt(new VeloError('VELO_CONSUMER_DEAD', message, { cause: error }));
      },
    );
  }

  async #work(): Promise<void> {
    let turn = this.#host.clock.now();
    for (let done = 1; this.#phase === 'open' && this.#queue.length > 0; done++) {
      const room = this.#host.handOffs.room();
      if (room !== undefined) {
        await Promise.race([room, this.#woken()]);
        continue;
      }
      const record = this.#queue.take() as KafkaRecord;
      this.#makeRoom();
      this.#tracker.begin(Number(record.offset));
      const pending = this.#route.tier === 0 ? this.#try(record, undefined, 1) : this.#tryWhenDue(record);
      if (pending !== undefined) await pending;
      if (done % LOOK_EVERY === 0 && this.#host.clock.now() - turn > TURN) {
        await nextTurn();
        turn = this.#host.clock.now();
      }
    }
  }

  async #tryWhenDue(record: KafkaRecord): Promise<void> {
    const { clock, groupId, events } = this.#host;
    const { tier, wait } = this.#route;
    // Read once: a broken header read again later would be due later again.
    const state = readRetryState(record, groupId, clock.now() + wait);
    if (!(await this.#wait(state.due - clock.now(), record))) return;
    if (events.has('late') && state.due > 0) {
      events.emit('late', { record, tier, totalAttempts: state.attempts, lateness: clock.now() - state.due });
    }
    await this.#try(record, state, 1);
  }

  /** One try. Returns nothing if it succeeded at once, so that a synchronous handler costs no promise. */
  #try(
    record: KafkaRecord,
    state: RetryState | undefined,
    attempt: number,
    before?: TriesBefore,
  ): Promise<void> | undefined {
    const context = new TryContext(record, attempt, this.#route.tier, (state?.attempts ?? 0) + attempt);
    this.#context = context;
    try {
      const result = invoke(this.#route, record, context, this.#host.clock);
      if (result === undefined) {
        this.#succeed(context, before);
        return undefined;
      }
      this.#runningSince = this.#host.clock.now();
      return result.then(
        () => this.#succeed(context, before),
        (error: unknown) => this.#fail(error, state, context, before),
      );
    } catch (error) {
      return this.#fail(error, state, context, before);
    }
  }

  #ended(): void {
    this.#context = undefined;
    this.#runningSince = 0;
    if (this.#handlerEnded.length > 0) for (const tell of this.#handlerEnded.splice(0)) tell();
  }

  #succeed(context: TryContext, before: TriesBefore | undefined): void {
    this.#ended();
    if (this.#phase === 'closed') return;
    const { record, tier, attempt, totalAttempts } = context;
    this.#host.recordTry(undefined);
    if (before !== undefined) this.#route.limits.strategy.observe?.({ ...before, succeeded: true });
    if (this.#host.events.has('success'))
      this.#host.events.emit('success', { record, tier, attempt, totalAttempts });
    this.#finish(record);
  }

  async #fail(
    thrown: unknown,
    state: RetryState | undefined,
    context: TryContext,
    before: TriesBefore | undefined,
  ): Promise<void> {
    this.#ended();
    if (this.#phase === 'closed') return;
    const { record, tier, attempt, totalAttempts } = context;
    const stage = thrown instanceof DecodeFailure ? 'decode' : 'handler';
    const error = thrown instanceof DecodeFailure ? thrown.cause : thrown;
    const failure = failureOf(error, record, stage, this.#route.classify);
    this.#host.recordTry(failure);
    const { category } = failure;
    const waited = before?.waited ?? 0;
    this.#route.limits.strategy.observe?.({ category, waited, succeeded: false });
    const decision = decide(failure, attempt, tier, this.#route.limits);
    if (decision.action === 'retry-in-place') {
      const { delay } = decision;
      this.#host.events.emit('retry', {
        record,
        tier,
        attempt,
        totalAttempts,
        delay,
        error,
        category,
      });
      if (await this.#wait(delay, record)) {
        await this.#try(record, state, attempt + 1, { category, waited: waited + delay });
      }
      return;
    }
    const tried = { ...(state ?? initialState(record)), attempts: totalAttempts };
    this.#giveUp(record, tried, failure, decision);
  }

  /** The record leaves this topic. Its offset waits for the acknowledgement of its copy. */
  #giveUp(
    record: KafkaRecord,
    state: RetryState,
    failure: Failure,
    decision: Exclude<Decision, { action: 'retry-in-place' }>,
  ): void {
    const { events, clock, groupId } = this.#host;
    const { tier, exhausted, tierTopics, limits } = this.#route;
    const told = {
      record,
      tier,
      totalAttempts: state.attempts,
      error: failure.error,
      category: failure.category,
    };
    if (decision.action === 'hand-off') {
      const topic = tierTopics[decision.tier - 1] as string;
      const delay = limits.tiers[decision.tier - 1] as number;
      const headers = copyHeaders(record, state, groupId, failure, { due: clock.now() + delay });
      this.#handOff(record, topic, headers, () =>
        events.emit('handOff', { ...told, topic, nextTier: decision.tier, delay }),
      );
      return;
    }
    const { reason } = decision;
    if (exhausted.action === 'dead-letter') {
      const { topic } = exhausted;
      const headers = copyHeaders(record, state, groupId, failure, { reason });
      this.#handOff(record, topic, headers, () => events.emit('deadLetter', { ...told, topic, reason }));
    } else if (exhausted.action === 'skip') {
      events.emit('skipped', { ...told, reason });
      this.#finish(record);
    } else {
      const where = `${record.topic}, partition ${record.partition}, offset ${record.offset}`;
      this.#host.halt(
        new VeloError(
          'VELO_CONSUMER_DEAD',
          `The record at ${where} cannot be handled (${reason}: ${failure.message}), and 'stop' is what is configured for that.`,
          { cause: failure.error },
        ),
      );
    }
  }

  #handOff(
    record: KafkaRecord,
    topic: string,
    headers: ReturnType<typeof copyHeaders>,
    tell: () => void,
  ): void {
    const { key, value } = record;
    const partition = this.#host.partitionFor(topic, record.partition);
    this.#host.handOffs.add({
      copy: { topic, partition, key, value, headers },
      wanted: () => this.#phase !== 'closed',
      written: () => {
        tell();
        this.#finish(record);
        if (this.#phase !== 'closed') this.#mark(true);
      },
      refused: (error) => {
        if (this.#phase === 'closed') return;
        const where = `${record.topic}, partition ${record.partition}, offset ${record.offset}`;
        this.#host.halt(
          new VeloError(
            'VELO_PUBLISH_REFUSED',
            `The brokers refuse the copy of the record at ${where} to ${topic}.`,
            { cause: error },
          ),
        );
      },
    });
  }

  #finish(record: KafkaRecord): void {
    this.#tracker.finish(Number(record.offset));
    this.#mark(false);
  }

  #mark(soon: boolean): void {
    if (this.#marked && !soon) return;
    this.#marked = true;
    this.#host.finished(this, soon);
  }

  #makeRoom(): void {
    const { bufferRecords, bufferBytes } = this.#host;
    if (!this.#paused || this.#queue.length > bufferRecords / 2 || this.#queue.bytes > bufferBytes / 2)
      return;
    this.#paused = false;
    this.#host.resume(this);
  }

  /** Waits, then for the lane to be open. False: the record must not be tried here any more. */
  async #wait(ms: number, record: KafkaRecord): Promise<boolean> {
    const until = this.#host.clock.now() + ms;
    for (;;) {
      if (this.#phase === 'closed' || this.#phase === 'draining') return false;
      // Another member has committed it while this one waited.
      if (this.#phase === 'open' && Number(record.offset) < this.position) return false;
      const left = until - this.#host.clock.now();
      if (this.#phase === 'open' && left <= 0) return true;
      await (this.#phase === 'open' ? this.#sleep(left) : this.#woken());
    }
  }

  /** Ends early when the phase changes. */
  #sleep(ms: number): Promise<void> {
    const woken = this.#woken();
    const cancel = this.#host.clock.schedule(ms, () => this.#wake?.());
    return woken.then(cancel);
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** The event for a position that was gone: the log goes on at `to`. */
export function passedOver(
  partition: TopicPartition,
  from: number,
  to: number,
): ConsumerEvents['offsetOutOfRange'] {
  return { ...partition, from, to, passedOver: Math.max(0, to - from) };
}
