// One file, since it is one way of a record, whose steps hand on what is known of it.
import type { ErrorCategory } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import { decide } from '../failures/decide.js';
import { failureOf } from '../failures/failure.js';
import { initialState, type RetryState } from '../headers/retry-state.js';
import type { AttemptUnderWatch } from '../observing/attempt-watch.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { Route } from '../plan/plan-topic.js';
import { type AttemptContext, contextOf, firstContext } from './attempt-context.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';
import type { FetchTime } from './fetch-times.js';
import { DecodeFailure, invoke } from './invoke.js';
import { joinKey } from './join-key.js';
import { cameUntried, hereOf, mayLeave, overBudget, Trials } from './leaving.js';
import { passOn } from './pass-on.js';
import type { PreparedRecord } from './prepared-record.js';
import { sendOn } from './send-on.js';
import { succeeded } from './succeeded.js';
import { readTierRecord, tellLate } from './tier-record.js';

/** What a strategy learns from: the category of the last failure, and all waits in place since the first, ms. */
interface AttemptsBefore {
  readonly category: ErrorCategory;
  readonly waited: number;
}

/** A failed attempt. */
interface Thrown {
  readonly error: unknown;
}

/** What attempts wait by. */
export interface AttemptTimes {
  /** Waits `ms`, then until an attempt may begin. False: no further attempt at the record may be made here. */
  wait(ms: number, record: KafkaRecord): Promise<boolean>;
}

/**
 * The attempts at a lane's records, one record at a time: from due, through retries in place, to its end in this topic.
 */
export class RecordAttempts {
  readonly #route: Route;
  readonly #host: AttemptHost;
  readonly #lane: AttemptLane;
  readonly #times: AttemptTimes;
  #context: AttemptContext | undefined;
  #watched: AttemptUnderWatch | undefined;
  /** When the running handler began; only of handlers that did not end synchronously. */
  #since: number | undefined;
  /** Told when the running handler has ended. */
  #ended: (() => void)[] = [];

  constructor(route: Route, host: AttemptHost, lane: AttemptLane, times: AttemptTimes) {
    this.#route = route;
    this.#host = host;
    this.#lane = lane;
    this.#times = times;
  }

  /** None of its records waits behind another one. */
  readonly waiting = 0;

  get running(): readonly RunningHandler[] {
    const since = this.#since;
    return this.#context && since !== undefined ? [{ context: this.#context, since }] : [];
  }

  /** Resolves when no handler runs. */
  idle(): Promise<void> {
    if (this.#context === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#ended.push(resolve));
  }

  /** One record at a time: whoever gave it waits for it. */
  end(): Promise<void> {
    return this.idle();
  }

  interrupt(reason: Error): void {
    this.#context?.interrupt(reason);
  }

  /**
   * Returns nothing if the record succeeded at once, so that a synchronous handler costs no promise.
   *
   * @param fetched when a tier's record has come
   */
  run(record: KafkaRecord, fetched: FetchTime | undefined): Promise<void> | undefined {
    // A tier's record asks when it is due.
    if (fetched !== undefined || this.#lane.flow.start(record)) return this.begin(record, fetched);
    return this.#whenItMay(record);
  }

  /** As `run`, of a record that may start. */
  begin(record: KafkaRecord, fetched: FetchTime | undefined): Promise<void> | undefined {
    return fetched === undefined
      ? this.#begin(record, undefined, this.#route)
      : this.#whenDue(record, fetched);
  }

  async #whenItMay(record: KafkaRecord): Promise<void> {
    if (await this.#times.wait(0, record)) await this.begin(record, undefined);
  }

  async #whenDue(record: KafkaRecord, fetched: FetchTime): Promise<void> {
    const host = this.#host;
    const tierRecord = readTierRecord(record, fetched, this.#route, host);
    if (tierRecord === undefined) {
      this.#lane.finish(record);
      return;
    }
    const { state, route, due } = tierRecord;
    if (!(await this.#times.wait(due - host.clock.now(), record))) return;
    if (passOn(record, tierRecord, host, this.#lane)) return;
    tellLate(record, tierRecord, host);
    await this.#begin(record, state, route);
  }

  /** The first attempt, made elsewhere, has failed: it goes on from there. */
  goOn({ record, state, route }: PreparedRecord, error: unknown): Promise<void> {
    return this.#afterFailure({ error }, firstContext(record, state, route), state, route);
  }

  /** A record that has failed elsewhere, as if it had not. */
  async again({ record, state, route }: PreparedRecord): Promise<void> {
    if (await this.#times.wait(0, record)) await this.#begin(record, state, route);
  }

  #begin(record: KafkaRecord, state: RetryState | undefined, route: Route): Promise<void> | undefined {
    if (route.keepKeyOrder && joinKey({ record, state, route }, this.#host, this.#lane)) return undefined;
    const context = firstContext(record, state, route);
    let result: Promise<unknown> | undefined;
    try {
      result = this.#call(context);
    } catch (error) {
      return this.#afterFailure(this.#failed(error), context, state, route);
    }
    // One promise, not one for each step: they are most of what an asynchronous attempt costs.
    if (result !== undefined)
      return result.then(
        () => {
          this.#end(undefined);
          this.#succeed(context, undefined);
        },
        (error: unknown) => this.#afterFailure(this.#failed(error), context, state, route),
      );
    this.#end(undefined);
    this.#succeed(context, undefined);
    return undefined;
  }

  /** Nothing if it succeeds. */
  async #attempt(context: AttemptContext): Promise<Thrown | undefined> {
    try {
      await this.#call(context);
    } catch (error) {
      return this.#failed(error);
    }
    this.#end(undefined);
    return undefined;
  }

  /** Calls the handler; `#end` is due when it has ended. @throws what it throws at once */
  #call(context: AttemptContext): Promise<unknown> | undefined {
    const host = this.#host;
    const watched = host.watch.attempts?.begin(context);
    this.#context = context;
    this.#watched = watched;
    const scope = watched === undefined ? host.scope() : watched.watchedScope(host.scope());
    const result = scope.runInAsyncScope(
      invoke,
      undefined,
      this.#route,
      context.record,
      context,
      host.clock,
      host.warn,
    );
    if (result !== undefined) this.#since = host.clock.now();
    return result;
  }

  #failed(error: unknown): Thrown {
    const thrown = { error };
    this.#end(thrown);
    return thrown;
  }

  #end(outcome: Thrown | undefined): void {
    const watched = this.#watched;
    if (watched !== undefined) {
      this.#watched = undefined;
      const isInterrupted = outcome !== undefined && this.#context?.interrupted === true;
      watched.end(outcome && DecodeFailure.read(outcome.error), !this.#lane.closed && !isInterrupted);
    }
    this.#context = undefined;
    this.#since = undefined;
    if (this.#ended.length > 0) for (const tell of this.#ended.splice(0)) tell();
  }

  #succeed(context: AttemptContext, before: AttemptsBefore | undefined): void {
    if (this.#lane.closed) return;
    if (before !== undefined) this.#route.limits.strategy.observe?.({ ...before, succeeded: true });
    succeeded(context, this.#host, this.#lane);
  }

  /** Until it succeeds in place, or leaves this topic. A loop, since attempts in place may be without end. */
  async #afterFailure(
    first: Thrown,
    firstContext: AttemptContext,
    state: RetryState | undefined,
    route: Route,
  ): Promise<void> {
    const { record, tier } = firstContext;
    const { classify, limits, ahead } = route;
    let waited = 0;
    /** Attempts before the wait that a tier's other records have had. */
    let before = 0;
    const trials = new Trials();
    let context = firstContext;
    let thrown: Thrown | undefined = first;
    for (;;) {
      if (this.#lane.closed || context.interrupted) return;
      const { attempt, totalAttempts } = context;
      const { error: caught }: Thrown = thrown;
      const { error, stage } = DecodeFailure.read(caught);
      const failure = failureOf(error, record, stage, classify);
      const { category } = failure;
      limits.strategy.observe?.({ category, waited, succeeded: false });
      const decided = decide(failure, attempt - before, ahead, limits, hereOf(route));
      this.#host.recordAttempt(failure);
      const isTrial = this.#lane.flow.isTrial(record);
      this.#lane.flow.failed(record, failure);
      const isPaid = decided.action !== 'retry-in-place' || this.#lane.flow.mayRetry();
      const decision = isPaid ? decided : overBudget(decided, ahead);
      const isLeaving = decision.action !== 'retry-in-place';
      const waitsHere = isLeaving && before === 0 && !failure.permanent && cameUntried(state, route);
      if (waitsHere) before = attempt;
      // One that is held tries again as soon as it may.
      const waitBefore = waitsHere ? Math.max(route.wait, failure.after) : 0;
      const delay = isLeaving ? waitBefore : decision.delay;
      if (!isLeaving || waitsHere)
        this.#host.events.emit('retry', { record, tier, attempt, totalAttempts, delay, error, category });
      else if (
        mayLeave(
          record,
          failure,
          decision,
          route,
          this.#lane,
          isTrial && trials.failed(decision, this.#host.clock.now()),
        )
      ) {
        const known = { ...(state ?? initialState(record)), attempts: totalAttempts };
        sendOn({ record, state: known, failure, route, host: this.#host, lane: this.#lane }, decision);
        return;
      }
      if (!(await this.#times.wait(delay, record))) return;
      if (!isPaid && !(await this.#pay(record))) return;
      waited += delay;
      context = contextOf(record, state, attempt + 1, route);
      thrown = await this.#attempt(context);
      if (thrown === undefined) {
        this.#succeed(context, { category, waited });
        return;
      }
    }
  }

  /** Waits until the retry budget of the source has enough for the attempt. */
  async #pay(record: KafkaRecord): Promise<boolean> {
    const { flow } = this.#lane;
    while (!flow.mayRetry()) if (!(await this.#times.wait(flow.retryPause, record))) return false;
    return true;
  }
}
