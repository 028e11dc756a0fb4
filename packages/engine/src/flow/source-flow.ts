// One file, since guard, breaker and rate all hold the same source.
import { type Clock, isVeloError, RetryBudget } from '@velo/retry-core';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import type { Failure } from '../failures/failure.js';
import type { SourceGauges } from '../observing/gauges.js';
import type { HeldTopic, HoldReason } from '../observing/held.js';
import type { FlowLimits } from '../plan/flow.js';
import { SourceBreaker } from './breaker.js';
import { Guard } from './guard.js';
import { Hold } from './hold.js';
import type { FlowNews } from './news.js';
import { Rate } from './rate.js';
import { StartQueue } from './start-queue.js';

/**
 * What becomes of the records of one source, in its tiers too: whether they may start, and whether they may be given up.
 */
export class SourceFlow {
  readonly topic: string;
  /** Whoever starts has to ask nothing: all that this costs while nothing holds the source. */
  free = true;
  readonly #clock: Clock;
  readonly #news: FlowNews;
  readonly #limits: FlowLimits;
  readonly #guard: Guard | undefined;
  readonly #breaker: SourceBreaker | undefined;
  readonly #rate: Rate | undefined;
  readonly #budget: RetryBudget | undefined;
  readonly #holds = new Map<HoldReason, Hold>();
  readonly #starts: StartQueue;
  #succeeded = 0;
  #releases = 0;
  #cancelTrial = (): void => {};
  #isClosed = false;

  constructor(
    topic: string,
    limits: FlowLimits,
    { clock, news }: { readonly clock: Clock; readonly news: FlowNews },
  ) {
    this.topic = topic;
    this.#limits = limits;
    this.#clock = clock;
    this.#news = news;
    this.#guard = limits.guard && new Guard(limits.guard);
    this.#rate = limits.rate && new Rate(limits.rate);
    this.#starts = new StartQueue({
      rate: this.#rate,
      clock,
      awaitsRateAlone: () =>
        [...this.#holds.values()].every((hold) => hold.reason === 'rate' || hold.lets(undefined)),
    });
    this.#budget = limits.retryBudget && new RetryBudget(limits.retryBudget);
    this.free = this.#rate === undefined;
    this.#breaker =
      limits.breaker &&
      new SourceBreaker(limits.breaker, {
        clock,
        hold: () => this.hold('breaker'),
        offer: () => this.#offerTrial('breaker'),
        release: () => this.release('breaker'),
        probeFailed: (reason) => news.probeFailed(topic, reason),
      });
  }

  /** What holds it, the oldest first. */
  get held(): readonly HeldTopic[] {
    this.#rest();
    return [...this.#holds.values()].map(({ topic, reason, since }) => ({ topic, reason, since }));
  }

  get gauges(): SourceGauges {
    const budget = this.#budget?.available(this.#clock.now());
    return { topic: this.topic, retryBudget: budget, breaker: this.#breaker?.state };
  }

  /** How often the guard has held it and let it go: a failure from before that counts no more. */
  get releases(): number {
    return this.#releases;
  }

  /** The record is tried alone, to see whether what holds its source is mended. */
  isTrial(record: KafkaRecord): boolean {
    return !this.free && [...this.#holds.values()].some((hold) => hold.isTrial(record));
  }

  /** What starts is tried alone. */
  get isOnTrial(): boolean {
    return !this.free && [...this.#holds.values()].some((hold) => hold.isOnTrial);
  }

  /** @param record `undefined`: any that has not started yet */
  mayStart(record?: KafkaRecord): boolean {
    if (this.free) return true;
    for (const hold of this.#holds.values()) if (hold.reason !== 'rate' && !hold.lets(record)) return false;
    if (this.#rate === undefined || this.#rate.wait(this.#clock.now()) === 0) return true;
    this.hold('rate');
    return false;
  }

  /** An attempt at the record begins. @returns whether it may */
  start(record: KafkaRecord): boolean {
    if (this.free) return true;
    if (!this.mayStart(record)) return false;
    for (const hold of this.#holds.values()) if (hold.reason !== 'rate') hold.take(record);
    this.#rest();
    this.#rate?.take(1, this.#clock.now());
    return true;
  }

  /** Others start with one that has started. */
  startAlso(count: number): void {
    this.#rate?.take(count, this.#clock.now());
  }

  /** Calls `wake` once, when asking again may help. @returns what forgets it */
  onTurn(wake: () => void): () => void {
    return this.#starts.add(wake);
  }

  /** Calls `then` when the guard does not hold the source any more. */
  onceUnguarded(then: () => void): void {
    if (this.#holds.has('guard')) this.onTurn(() => this.onceUnguarded(then));
    else then();
  }

  /** A record that could start does not, or its partition is gone: another one may be tried in its place. */
  forget(isGone: (record: KafkaRecord) => boolean): void {
    if (this.free) return;
    let isAny = false;
    for (const hold of this.#holds.values()) isAny = hold.forget(isGone) || isAny;
    if (isAny) this.#starts.wakeAll();
  }

  /** The partition is gone. */
  gone({ topic, partition }: TopicPartition): void {
    this.forget((record) => record.topic === topic && record.partition === partition);
  }

  /** An attempt has succeeded. */
  succeeded(record: KafkaRecord): void {
    this.#succeeded++;
    if (!this.free && this.#holds.get('guard')?.isTrial(record)) this.release('guard');
    this.#budget?.deposit();
    if (this.#breaker !== undefined && (this.#holds.get('breaker')?.isTrial(record) ?? true))
      this.#breaker.ended(true);
  }

  /** An attempt has failed. */
  failed(record: KafkaRecord, { permanent, error }: Failure): void {
    if (this.#breaker === undefined) return;
    const hold = this.#holds.get('breaker');
    if (hold !== undefined && !hold.isTrial(record)) return;
    hold?.endTrial();
    // Of a call that the circuit has refused nothing is known.
    if (isVeloError(error, 'VELO_CIRCUIT_OPEN')) {
      if (hold !== undefined) this.#breaker.postpone();
    } else if (!permanent) this.#breaker.ended(false);
    // A record at fault says nothing of what it needs: the next one is tried.
    else if (hold !== undefined) this.#offerTrial('breaker');
  }

  /** Whether the record stays where it is, to be tried again: what it needs is down, so its attempts are not to be used up. */
  keeps({ permanent }: Failure): boolean {
    return !this.free && !permanent && this.#holds.has('breaker');
  }

  /** Whether another attempt in place may be made; it is paid at once. */
  mayRetry(): boolean {
    return this.#budget?.withdraw(this.#clock.now()) ?? true;
  }

  /** Until it may be asked for again, ms. */
  get retryPause(): number {
    return this.#limits.retryBudget === undefined
      ? 0
      : Math.ceil(1_000 / this.#limits.retryBudget.minPerSecond);
  }

  /** A record leaves its topic for a tier. */
  sentOn(record: KafkaRecord): void {
    if (!this.free) this.#endTrial(record);
  }

  /**
   * A record is about to be given up.
   *
   * @param hadItsTurn it has failed alone for long, and others are to be tried
   * @returns whether it may; if not, it is tried again when the source is free
   */
  mayGiveUp(record: KafkaRecord, failure: Failure, hadItsTurn = false): boolean {
    if (this.#guard === undefined || this.#limits.guard === undefined) return true;
    if (this.#holds.has('guard')) {
      this.#endTrial(record);
      return hadItsTurn;
    }
    const trip = this.#guard.look(this.#clock.now(), this.#succeeded, failure);
    if (trip === undefined) return true;
    this.hold('guard');
    this.#news.guarded(this.topic, trip, { record, failure }, this.#limits.guard.then);
    this.#offerTrialLater();
    return false;
  }

  hold(reason: HoldReason): void {
    if (this.#holds.has(reason) || this.#isClosed) return;
    const hold = new Hold(this.topic, reason, this.#clock.wallTime());
    this.#holds.set(reason, hold);
    this.free = false;
    this.#news.held(hold);
  }

  release(reason: HoldReason): void {
    const hold = this.#holds.get(reason);
    if (hold === undefined) return;
    this.#holds.delete(reason);
    if (reason === 'guard') {
      this.#releases++;
      this.#guard?.reset();
      this.#cancelTrial();
    }
    this.free = this.#holds.size === 0 && this.#rate === undefined;
    this.#news.released(hold);
    if (reason !== 'rate') this.#starts.wakeAll();
  }

  /** Leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTrial();
    this.#starts.close();
    this.#breaker?.close();
  }

  /** It has not succeeded: the others stay held. */
  #endTrial(record: KafkaRecord): void {
    const hold = this.#holds.get('guard');
    if (!hold?.isTrial(record)) return;
    hold.endTrial();
    this.#offerTrialLater();
  }

  #offerTrialLater(): void {
    const after = this.#limits.guard?.resumeAfter;
    if (after === undefined || this.#isClosed) return;
    this.#cancelTrial();
    this.#cancelTrial = this.#clock.schedule(after, () => this.#offerTrial('guard'));
  }

  #offerTrial(reason: HoldReason): void {
    this.#holds.get(reason)?.offerTrial();
    this.#starts.wakeAll();
  }

  /** The rate has not been met for a while. */
  #rest(): void {
    if (this.#rate?.isRested(this.#clock.now()) && this.#starts.isEmpty) this.release('rate');
  }
}
