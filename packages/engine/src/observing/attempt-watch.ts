import type { AsyncResource } from 'node:async_hooks';
import { callSafely, judge } from '@velo/retry-core';
import { isHandlerTimeout } from '../failures/failure.js';
import type {
  AttemptContextFacts,
  AttemptEnd,
  AttemptFailure,
  ConsumerObserver,
  ObservedAttempt,
  WatchedAttempt,
} from './observer.js';
import type { Watching } from './watching.js';

type Scope = Pick<AsyncResource, 'runInAsyncScope'>;
export type AttemptObserver = Required<Pick<ConsumerObserver, 'attempt'>>;

/** What has failed, as it was thrown. */
export interface Thrown {
  readonly error: unknown;
  readonly stage: 'decode' | 'handler';
}

/** How a batch has ended for its records. */
export interface BatchEnd {
  readonly failures: ReadonlyMap<number, unknown>;
  /** Those that were not named have not succeeded either. */
  readonly isUnknown: boolean;
}

/** Watches the attempts of a consumer for its observers. */
export class AttemptWatch {
  readonly #observers: readonly AttemptObserver[];
  readonly #watching: Watching;

  constructor(observers: readonly AttemptObserver[], watching: Watching) {
    this.#observers = observers;
    this.#watching = watching;
  }

  /** An attempt is about to be made. @param batch of each record of a batch */
  begin(context: AttemptContextFacts, batch?: readonly AttemptContextFacts[]): AttemptUnderWatch {
    const attempt = { context, batch };
    const watched: WatchedAttempt[] = [];
    for (const observer of this.#observers) {
      const one = this.#watching.ask(() => observer.attempt(attempt));
      if (one !== undefined) watched.push(one);
    }
    return new AttemptUnderWatch(attempt, watched, this.#watching);
  }
}

/** One attempt, watched. */
export class AttemptUnderWatch {
  readonly #attempt: ObservedAttempt;
  readonly #watched: readonly WatchedAttempt[];
  readonly #watching: Watching;
  readonly #since: number;

  constructor(attempt: ObservedAttempt, watched: readonly WatchedAttempt[], watching: Watching) {
    this.#attempt = attempt;
    this.#watched = watched;
    this.#watching = watching;
    this.#since = watching.now();
  }

  /** An async scope in which the handler runs under watch; the same one, where no observer runs it. */
  watchedScope(scope: Scope): Scope {
    if (!this.#watched.some(mayRun)) return scope;
    return {
      runInAsyncScope: (call, of, ...args) =>
        scope.runInAsyncScope(() => this.run(() => call.apply(of as never, args))),
    };
  }

  /** Gives back what the handler does, and throws what it throws, whatever observers do. */
  run<T>(handler: () => T): T {
    let result: { readonly value: T } | { readonly error: unknown } | undefined;
    let run = once(() => {
      try {
        result = { value: handler() };
      } catch (error) {
        result = { error };
      }
    });
    for (const watched of this.#watched) {
      if (watched.run === undefined) continue;
      const inner = run;
      run = once(() => {
        callSafely(() => watched.run?.(inner), this.#watching.report);
        inner();
      });
    }
    run();
    const end = result as unknown as { readonly value: T } | { readonly error: unknown };
    if ('error' in end) throw end.error;
    return end.value;
  }

  /** @param counts whether an attempt has been made: else its partition has gone, or its consumer stops */
  end(thrown: Thrown | undefined, counts: boolean, batch?: BatchEnd): void {
    const duration = this.#watching.now() - this.#since;
    const failure = thrown && failureOf(thrown);
    const end: AttemptEnd = {
      duration,
      failure,
      outcome: (index) => (counts ? outcomeOf(index, failure, batch) : 'unknown'),
    };
    for (const watched of this.#watched)
      callSafely(() => watched.ended?.(end, this.#attempt), this.#watching.report);
  }
}

/** What is no function is called by `run`, whose errors are told. */
function mayRun({ run }: WatchedAttempt): boolean {
  return run !== undefined;
}

function outcomeOf(
  index: number,
  failure: AttemptFailure | undefined,
  batch: BatchEnd | undefined,
): ReturnType<AttemptEnd['outcome']> {
  if (batch === undefined) return failure ?? 'success';
  if (batch.failures.has(index)) return failureOf({ error: batch.failures.get(index), stage: 'handler' });
  return batch.isUnknown ? 'unknown' : 'success';
}

function failureOf({ error, stage }: Thrown): AttemptFailure {
  return { error, category: judge(error).category, stage, timedOut: isHandlerTimeout(error) };
}

function once(call: () => void): () => void {
  let isCalled = false;
  return () => {
    if (isCalled) return;
    isCalled = true;
    call();
  };
}
