import { adopt, isThenable } from '@velo/retry-core';
import { placeOf } from '../binding/record.js';
import type { AttemptUnderWatch } from '../observing/attempt-watch.js';
import type { RunningHandler } from '../observing/stall-watch.js';
import type { Batch } from '../plan/batch.js';
import type { Route } from '../plan/plan-topic.js';
import { type AttemptContext, firstContext } from './attempt-context.js';
import type { AttemptHost } from './attempt-host.js';
import type { AttemptLane } from './attempt-lane.js';
import { BatchCall } from './batch-call.js';
import { DecodeFailure, orTimeOut } from './invoke.js';
import type { PreparedRecord } from './prepared-record.js';
import type { AttemptTimes } from './record-attempts.js';
import { succeeded } from './succeeded.js';

/** A record of a batch that is to go on alone. */
export interface FailedRecord<P extends PreparedRecord> {
  readonly prepared: P;
  readonly error: unknown;
}

interface Member<P extends PreparedRecord> {
  readonly prepared: P;
  readonly message: unknown;
}

/** The first attempt at the records of one batch: together, and where it is not known which has failed, in halves. */
export class BatchAttempts<P extends PreparedRecord> {
  readonly #batch: Batch;
  readonly #route: Route;
  readonly #host: AttemptHost;
  readonly #lane: AttemptLane;
  readonly #times: AttemptTimes;
  #call: BatchCall | undefined;
  #since: number | undefined;
  #ended: (() => void)[] = [];

  constructor(
    route: Route & { readonly batch: Batch },
    host: AttemptHost,
    lane: AttemptLane,
    times: AttemptTimes,
  ) {
    this.#batch = route.batch;
    this.#route = route;
    this.#host = host;
    this.#lane = lane;
    this.#times = times;
  }

  get running(): readonly RunningHandler[] {
    const context = this.#call?.contexts[0];
    return context && this.#since !== undefined ? [{ context, since: this.#since }] : [];
  }

  /** Resolves when no handler runs. */
  idle(): Promise<void> {
    if (this.#call === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#ended.push(resolve));
  }

  interrupt(reason: Error): void {
    this.#call?.interrupt(reason);
  }

  /** Gives back those that have failed, by rising offsets; the others are finished, unless their partition is gone. */
  async run(batch: readonly P[]): Promise<FailedRecord<P>[]> {
    const failed: FailedRecord<P>[] = [];
    const decoded = await Promise.all(batch.map((prepared) => this.#decode(prepared, failed)));
    await this.#handle(
      decoded.filter((member) => member !== undefined),
      failed,
    );
    return failed.sort((a, b) => offsetOf(a) - offsetOf(b));
  }

  async #decode(prepared: P, failed: FailedRecord<P>[]): Promise<Member<P> | undefined> {
    const { record } = prepared;
    if (this.#route.decode === undefined) return { prepared, message: record };
    try {
      const message = this.#route.decode(record);
      return { prepared, message: isThenable(message) ? await adopt(message) : message };
    } catch (error) {
      failed.push({ prepared, error: new DecodeFailure(error) });
      const { state, route } = prepared;
      this.#host.watch.attempts
        ?.begin(firstContext(record, state, route))
        .end({ error, stage: 'decode' }, !this.#lane.closed);
      return undefined;
    }
  }

  async #handle(members: readonly Member<P>[], failed: FailedRecord<P>[]): Promise<void> {
    if (members.length === 0) return;
    const call = new BatchCall(
      members.map(({ prepared: { record, state, route } }) => firstContext(record, state, route)),
      this.#host.warn,
    );
    const watched = this.#host.watch.attempts?.begin(call.contexts[0] as AttemptContext, call.contexts);
    const thrown = await this.#attempt(call, members, watched);
    const isKnown = call.end(thrown);
    const { failures, interrupted } = call;
    const isGuilty = !isKnown && members.length === 1 && failures.size === 0;
    watched?.end(
      thrown && { ...thrown, stage: 'handler' },
      !this.#lane.closed && !(interrupted && thrown !== undefined),
      isGuilty ? undefined : { failures, isUnknown: !isKnown },
    );
    if (this.#lane.closed) return;
    for (const [index, { prepared }] of members.entries()) {
      if (interrupted && (isGuilty || failures.has(index))) continue;
      if (failures.has(index)) failed.push({ prepared, error: failures.get(index) });
      else if (isGuilty) failed.push({ prepared, error: thrown?.error });
      else if (isKnown) succeeded(call.contexts[index] as AttemptContext, this.#host, this.#lane);
    }
    if (isKnown || isGuilty || interrupted) return;
    const unknown = members.filter((_, index) => !failures.has(index));
    const half = Math.ceil(unknown.length / 2);
    for (const part of [unknown.slice(0, half), unknown.slice(half)]) {
      const wanted = await this.#wanted(part);
      await this.#handle(wanted, failed);
    }
  }

  /** Those of a half that may still be handled here. */
  async #wanted(members: readonly Member<P>[]): Promise<readonly Member<P>[]> {
    const wanted = members.filter(({ prepared }) => this.#lane.awaits(Number(prepared.record.offset)));
    const last = wanted.at(-1)?.prepared.record;
    if (last === undefined || (await this.#times.wait(0, last))) return wanted;
    // Another member has got so far, or nothing starts here any more.
    return this.#lane.awaits(Number(last.offset)) ? [] : this.#wanted(members);
  }

  async #attempt(
    call: BatchCall,
    members: readonly Member<P>[],
    watched: AttemptUnderWatch | undefined,
  ): Promise<{ readonly error: unknown } | undefined> {
    const { clock } = this.#host;
    const scope = watched?.watchedScope(this.#host.scope()) ?? this.#host.scope();
    this.#call = call;
    this.#since = clock.now();
    this.#lane.flow.startAlso(members.length - 1);
    try {
      const messages = members.map(({ message }) => message as never);
      const result: unknown = scope.runInAsyncScope(this.#batch.handler, undefined, messages, call);
      if (!isThenable(result)) return undefined;
      const end = adopt(result);
      const { handlerTimeout } = this.#route;
      const { record } = (members[0] as Member<P>).prepared;
      const of = `a batch of ${members.length} from ${placeOf(record)} on`;
      const abort = (reason: Error) => call.abort(reason);
      await (handlerTimeout === undefined ? end : orTimeOut(handlerTimeout, end, { clock, of, abort }));
      return undefined;
    } catch (error) {
      return { error };
    } finally {
      this.#call = undefined;
      this.#since = undefined;
      for (const tell of this.#ended.splice(0)) tell();
    }
  }
}

const offsetOf = ({ prepared }: FailedRecord<PreparedRecord>) => Number(prepared.record.offset);
