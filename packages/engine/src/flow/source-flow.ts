import type { Clock } from '@velo/retry-core';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import type { Failure } from '../failures/failure.js';
import type { HeldTopic, HoldReason } from '../observing/held.js';
import type { FlowLimits } from '../plan/flow.js';
import { Guard, type Trip } from './guard.js';
import { Hold } from './hold.js';

/** Told of what holds a source, and of what goes on again. */
export interface FlowNews {
  held(hold: HeldTopic): void;
  released(hold: HeldTopic): void;
  /** The guard has tripped at this record, which is held: what is held waits, or the consumer stops for it. */
  guarded(topic: string, trip: Trip, at: TrippedAt, then: 'pause' | 'stop'): void;
}

/** The record that was one too many. */
export interface TrippedAt {
  readonly record: KafkaRecord;
  readonly failure: Failure;
}

/** What becomes of the records of one source, in its tiers too: whether they may start, and whether they may be given up. */
export class SourceFlow {
  readonly topic: string;
  /** Whoever starts has to ask nothing: all that this costs while nothing holds the source. */
  free = true;
  readonly #clock: Clock;
  readonly #news: FlowNews;
  readonly #limits: FlowLimits;
  readonly #guard: Guard | undefined;
  readonly #holds = new Map<HoldReason, Hold>();
  /** Those who want to start, in the order they came. */
  readonly #waiting = new Set<() => void>();
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
  }

  /** What holds it, the oldest first. */
  get held(): readonly HeldTopic[] {
    return [...this.#holds.values()].map(({ topic, reason, since }) => ({ topic, reason, since }));
  }

  /** How often the guard has held it and let it go: a failure from before that counts no more. */
  get releases(): number {
    return this.#releases;
  }

  /** What starts is tried alone. */
  get isOnTrial(): boolean {
    return !this.free && [...this.#holds.values()].some((hold) => hold.isOnTrial);
  }

  /** @param record `undefined`: any that has not started yet */
  mayStart(record?: KafkaRecord): boolean {
    if (this.free) return true;
    for (const hold of this.#holds.values()) if (!hold.lets(record)) return false;
    return true;
  }

  /** An attempt at the record begins. @returns whether it may */
  start(record: KafkaRecord): boolean {
    if (this.free) return true;
    if (!this.mayStart(record)) return false;
    for (const hold of this.#holds.values()) hold.take(record);
    return true;
  }

  /** Calls `wake` once, when asking again may help. @returns what forgets it */
  onTurn(wake: () => void): () => void {
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
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
    if (isAny) this.#wake();
  }

  /** The partition is gone. */
  gone({ topic, partition }: TopicPartition): void {
    this.forget((record) => record.topic === topic && record.partition === partition);
  }

  /** An attempt has succeeded. */
  succeeded(record: KafkaRecord): void {
    this.#succeeded++;
    if (!this.free && this.#holds.get('guard')?.isTrial(record)) this.release('guard');
  }

  /** A record leaves its topic for a tier. */
  sentOn(record: KafkaRecord): void {
    if (!this.free) this.#endTrial(record);
  }

  /** A record is about to be given up. @returns whether it may; if not, it is tried again when the source is free */
  mayGiveUp(record: KafkaRecord, failure: Failure): boolean {
    if (this.#guard === undefined || this.#limits.guard === undefined) return true;
    if (this.#holds.has('guard')) {
      this.#endTrial(record);
      return false;
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
    this.free = this.#holds.size === 0;
    this.#news.released(hold);
    this.#wake();
  }

  /** Leaves no timer. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTrial();
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
    this.#cancelTrial = this.#clock.schedule(after, () => {
      this.#holds.get('guard')?.offerTrial();
      this.#wake();
    });
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
