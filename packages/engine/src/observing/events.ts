import type { ErrorCategory } from '@velo/retry-core';
import { callSafely, invalidOption, nearest, unknownName } from '@velo/retry-core';
import type { KafkaRecord, TopicPartition } from '../binding/record.js';
import type { DeadLetterReason } from '../failures/decide.js';
import type { HeldTopic } from './held.js';

/**
 * Why what a member knows of a partition counts no more:
 *
 * - `moved-back`: the group's offset is lower than what the member knows to be committed, as after an administrator's reset
 * - `offset-gone`: the group has no offset any more: it was deleted, by itself or with its topic
 * - `log-shorter`: the log ends before what the member has read: the topic was made again, or an unclean election cut it off
 * - `beyond-end`: the group's offset lies beyond the log's end, though the member's own did not
 * - `topic-made-again`: the topic has another id than the one that was read or committed, where offsets tell none of these
 */
export type ResetReason = 'moved-back' | 'offset-gone' | 'log-shorter' | 'beyond-end' | 'topic-made-again';

export interface OfRecord {
  readonly record: KafkaRecord;
  /** 0 = the source topic, or its replay topic. */
  readonly tier: number;
  /** Attempts in all topics so far. */
  readonly totalAttempts: number;
}

export interface OfFailure extends OfRecord {
  readonly error: unknown;
  readonly category: ErrorCategory;
}

/** What a consumer tells while it runs. Times are in ms. */
export interface ConsumerEvents {
  /** A needed topic does not exist yet. */
  wait: {
    readonly topic: string;
    readonly elapsed: number;
    readonly delay: number;
    readonly explanation: string;
  };
  /**
   * The group has given the member these partitions; their start positions are known and committed, but for those of a
   * `positionFailed` that were tried for 5 s: they begin later.
   */
  assigned: { readonly partitions: readonly TopicPartition[] };
  revoked: { readonly partitions: readonly TopicPartition[] };
  /**
   * The group's leader has assigned partitions that are not there. One that no topic can have, such as -1, is left
   * alone; one above the brokers' count is looked for again. Each is told once in an assignment.
   */
  misassigned: { readonly partitions: readonly TopicPartition[] };
  success: OfRecord & { readonly attempt: number };
  /** A tier's record starts `lateness` ms after it was due. */
  late: OfRecord & { readonly lateness: number };
  /** An attempt has failed; the next one is in place. */
  retry: OfFailure & { readonly attempt: number; readonly delay: number };
  /** The brokers have acknowledged the record's copy in a tier. */
  handOff: OfFailure & { readonly topic: string; readonly nextTier: number; readonly delay: number };
  /**
   * With `retry.keepKeyOrder`: the record has joined those of its key in a tier, untried, and the brokers have acknowledged
   * that. `waiting`: how many records of the key wait in tiers now.
   */
  followed: OfRecord & { readonly topic: string; readonly nextTier: number; readonly waiting: number };
  /** A tier's record is due in `left` ms (`RetriableError`'s `after`): its copy waits on in `topic`. No attempt was made. */
  deferred: OfRecord & { readonly topic: string; readonly left: number };
  /** The brokers have acknowledged the record's copy in the dead-letter topic. */
  deadLetter: OfFailure & { readonly topic: string; readonly reason: DeadLetterReason };
  /** The record was given up, as configured. */
  skipped: OfFailure & { readonly reason: DeadLetterReason };
  /** `exhausted.route` threw `error`, or named no topic that dead letters can go to: `topic` takes the record. */
  misrouted: OfRecord & { readonly error: unknown; readonly topic: string };
  /** Copies could not be written; they are tried again after `delay`. */
  publishFailed: {
    readonly topic: string;
    readonly partition: number;
    readonly error: unknown;
    readonly delay: number;
    readonly explanation: string;
  };
  /** The brokers will never take this copy; what follows is another topic, fewer headers, or `refused` of the configuration. */
  publishRefused: {
    readonly record: KafkaRecord;
    readonly topic: string;
    readonly error: unknown;
    readonly explanation: string;
  };
  /** Offsets could not be committed; they are tried again. */
  commitFailed: { readonly error: unknown };
  /** Nobody could tell where these partitions begin; tried again after `delay`. Their records wait, others go on. */
  positionFailed: {
    readonly partitions: readonly TopicPartition[];
    readonly error: unknown;
    readonly delay: number;
    readonly explanation: string;
  };
  /**
   * The position was not in the log. Records `from` up to `to` were deleted before they were read, `passedOver` of them
   * at the most; or `from` lies beyond the end, so that nobody knows what was missed, and all comes again from `to` on.
   */
  offsetOutOfRange: TopicPartition & {
    readonly from: number;
    readonly to: number;
    readonly passedOver: number;
    /** Of a position beyond the end of the log. */
    readonly explanation?: string | undefined;
  };
  /**
   * The partition has come back at a lower position than this member knew: `from` is where it would have read on, and it
   * begins anew at `to`. What was not finished of the old position is dropped.
   */
  positionReset: TopicPartition & {
    readonly from: number;
    readonly to: number;
    readonly reason: ResetReason;
    readonly explanation: string;
  };
  /** A broker owes the member an answer for `silent` ms beyond its time; `from` is undefined when all answer again. */
  disconnected: {
    readonly from: string | undefined;
    readonly silent: number;
    readonly explanation: string;
  };
  /**
   * No member that reads these partitions has been assigned them by the group's leader, so their records wait. An
   * empty list: all partitions are read again.
   */
  unread: { readonly partitions: readonly TopicPartition[]; readonly explanation: string };
  /** Nothing of this source and its tiers starts, until `released`. `since`: ms since 1970. */
  held: HeldTopic & { readonly explanation: string };
  /** What held the source is over, after `time`; something else may hold it still: see `health().held`. */
  released: HeldTopic & { readonly time: number };
  /**
   * So many records of this source were about to be given up within `time` that it is held, or the consumer stops: `share` of all that
   * ended meanwhile. Of the last of them, which is held as well, `record` and `error` tell.
   */
  guarded: {
    readonly topic: string;
    readonly record: KafkaRecord;
    readonly error: unknown;
    readonly category: ErrorCategory;
    readonly deadLetters: number;
    readonly share: number;
    readonly time: number;
    /** With the commonest error of them, and what to do. */
    readonly explanation: string;
  };
  /**
   * With `retry.keepKeyOrder`: partitions of a source or a tier whose others of the same number another member has, so that
   * nobody could keep the order of a key there. Nothing of them is handled until an assignment that has them together; an
   * empty list: all are.
   */
  scattered: { readonly partitions: readonly TopicPartition[]; readonly explanation: string };
  /** A handler runs longer than `stallAfter`. */
  stalled: OfRecord & { readonly running: number };
  /** The client's consumer has ended by itself; a new one starts after `delay`. */
  crashed: { readonly error: unknown; readonly restart: number; readonly delay: number };
  restarted: { readonly restart: number };
  /** The consumer has given up; `explanation` says what to do. */
  dead: { readonly error: unknown; readonly explanation: string };
  stopped: { readonly finished: boolean };
}

export type ConsumerEvent = keyof ConsumerEvents;

const EVENTS: readonly string[] = /* @__PURE__ */ Object.keys({
  wait: true,
  assigned: true,
  revoked: true,
  misassigned: true,
  success: true,
  late: true,
  retry: true,
  handOff: true,
  followed: true,
  deferred: true,
  deadLetter: true,
  skipped: true,
  misrouted: true,
  publishFailed: true,
  publishRefused: true,
  commitFailed: true,
  positionFailed: true,
  offsetOutOfRange: true,
  positionReset: true,
  disconnected: true,
  unread: true,
  held: true,
  released: true,
  guarded: true,
  scattered: true,
  stalled: true,
  crashed: true,
  restarted: true,
  dead: true,
  stopped: true,
} satisfies Record<ConsumerEvent, true>);
export type Listener<E extends ConsumerEvent> = (event: ConsumerEvents[E]) => void;
/** A listener for each of some events. */
export type ConsumerListeners = { readonly [E in ConsumerEvent]?: Listener<E> | undefined };

/** Typed events. A listener that throws, or whose promise is rejected, stops nobody: it is reported, and the next one is called. */
export class Emitter {
  readonly #successes = new Set<Listener<never>>();
  readonly #listeners = new Map<ConsumerEvent, Set<Listener<never>>>([['success', this.#successes]]);
  readonly #report: (error: unknown) => void;

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /**
   * @returns a function that takes the listener away again
   * @throws {VeloError} `VELO_INVALID_OPTION` for an event that there is not, naming the nearest
   */
  on<E extends ConsumerEvent>(event: E, listener: Listener<E>): () => void {
    if (!EVENTS.includes(event))
      throw unknownName('A consumer has no event', event, nearest(String(event), EVENTS), EVENTS);
    if (typeof listener !== 'function')
      throw invalidOption(`the listener of '${event}'`, listener, 'a function');
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => {
      listeners.delete(listener);
    };
  }

  /** Whether an event is worth making. */
  has(event: ConsumerEvent): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** `has('success')`, which each record asks: a look-up would cost it as much as all that is counted of it. */
  get hasSuccess(): boolean {
    return this.#successes.size > 0;
  }

  emit<E extends ConsumerEvent>(event: E, payload: ConsumerEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      callSafely(() => (listener as Listener<E>)(payload), this.#report);
    }
  }
}
