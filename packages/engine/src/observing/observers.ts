import { callSafely, invalidOption, readProperty } from '@velo/retry-core';
import type { TopicPartition } from '../binding/record.js';
import { type AttemptObserver, AttemptWatch } from './attempt-watch.js';
import type { ConsumerEvent, Emitter } from './events.js';
import type {
  ConsumerObserver,
  CopyObserver,
  DeadLettersObserver,
  ObservedConsumer,
  ObservedDeadLetters,
  Observer,
  OperationObserver,
  ProducerObserver,
} from './observer.js';
import { OperationWatch } from './operation-watch.js';
import type { Watching } from './watching.js';
import { type CopyWatch, type SendWatch, watchCopies, watchSends } from './write-watch.js';

/** What is watched of a consumer; `undefined`: nobody watches that, and it costs nothing. */
export interface ConsumerWatch {
  /** Somebody watches, if only what is at hand. */
  readonly isWatched: boolean;
  readonly attempts: AttemptWatch | undefined;
  readonly copies: CopyWatch | undefined;
  readonly operations: OperationWatch | undefined;
  readonly received: ((partition: TopicPartition, count: number) => void) | undefined;
}

export interface ProducerWatch {
  readonly sends: SendWatch | undefined;
  readonly operations: OperationWatch | undefined;
}

export type DeadLettersWatch = Pick<ConsumerWatch, 'copies' | 'operations'>;

const METHODS = ['consumer', 'producer', 'deadLetters'] as const satisfies (keyof Observer)[];

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkObservers(observers: readonly Observer[] = []): readonly Observer[] {
  if (!Array.isArray(observers))
    throw invalidOption('observers', observers, 'a list, such as [openTelemetry()]');
  for (const observer of observers)
    if (!METHODS.some((method) => typeof readProperty(observer, method) === 'function'))
      throw invalidOption(
        'one of observers',
        observer,
        `an object with ${METHODS.join(', ')}, or some of them`,
      );
  return [...observers];
}

/** All observers of one velo. */
export class Observers {
  readonly #observers: readonly Observer[];
  readonly #watching: Watching;

  constructor(observers: readonly Observer[], watching: Watching) {
    this.#observers = observers;
    this.#watching = watching;
  }

  consumer(consumer: ObservedConsumer, events: Emitter): ConsumerWatch {
    const each = this.#each<ConsumerObserver>((observer) => observer.consumer?.(consumer));
    for (const { on } of each) this.#listen(on, events);
    const attempts = having<AttemptObserver>(each, 'attempt');
    const receivers = having<Required<Pick<ConsumerObserver, 'received'>>>(each, 'received');
    const { report } = this.#watching;
    return {
      ...this.#written(each),
      isWatched: each.length > 0,
      attempts: attempts.length > 0 ? new AttemptWatch(attempts, this.#watching) : undefined,
      received:
        receivers.length > 0
          ? (partition, count) => {
              for (const observer of receivers) callSafely(() => observer.received(partition, count), report);
            }
          : undefined,
    };
  }

  producer(): ProducerWatch {
    const each = this.#each<ProducerObserver>((observer) => observer.producer?.());
    const senders = having<Required<Pick<ProducerObserver, 'send'>>>(each, 'send');
    return {
      sends: senders.length > 0 ? watchSends(senders, this.#watching) : undefined,
      operations: this.#operations(each),
    };
  }

  deadLetters(letters: ObservedDeadLetters): DeadLettersWatch {
    return this.#written(this.#each<DeadLettersObserver>((observer) => observer.deadLetters?.(letters)));
  }

  #each<T extends object>(make: (observer: Observer) => T | undefined): readonly T[] {
    return this.#observers.flatMap((observer) => this.#watching.ask(() => make(observer)) ?? []);
  }

  #listen(on: ConsumerObserver['on'], events: Emitter): void {
    const { report } = this.#watching;
    for (const [event, listener] of Object.entries(on ?? {})) {
      if (listener === undefined) continue;
      const told = (payload: unknown) =>
        callSafely(() => (listener as (event: unknown) => unknown)(payload), report);
      callSafely(() => events.on(event as ConsumerEvent, told), report);
    }
  }

  #written(each: readonly DeadLettersObserver[]): DeadLettersWatch {
    const copies = having<Required<CopyObserver>>(each, 'copy');
    return {
      copies: copies.length > 0 ? watchCopies(copies, this.#watching) : undefined,
      operations: this.#operations(each),
    };
  }

  #operations(each: readonly OperationObserver[]): OperationWatch | undefined {
    const observers = having<Required<OperationObserver>>(each, 'operation');
    return observers.length > 0 ? new OperationWatch(observers, this.#watching) : undefined;
  }
}

/** Those that have the method. */
function having<T extends object>(each: readonly object[], method: keyof T): readonly T[] {
  return each.filter(
    (observer): observer is T => typeof (observer as Record<PropertyKey, unknown>)[method] === 'function',
  );
}
