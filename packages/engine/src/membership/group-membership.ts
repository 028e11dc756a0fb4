// One file, since each event of a member decides what becomes of the next one.
import { type Clock, exponential, sleep } from '@velo/retry-core';
import type { ClientBinding, GroupMember, MemberSink, Membership } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { isFinalForMember, isOutage, passes } from '../failures/client-error.js';
import { Patience } from '../sending/patience.js';

export interface GroupMembershipOptions {
  readonly client: ClientBinding;
  /** Asked for each member. */
  readonly membership: () => Membership;
  /** Where each member reports to; a crash is handled here. */
  readonly sink: Omit<MemberSink, 'crashed'>;
  /** A member is about to join; its first assignment may come before it has. */
  readonly onJoining: (joining: Promise<GroupMember>) => void;
  /** Lets what runs end, and commits it, within a limit: the member is about to leave. */
  readonly rest: () => Promise<void>;
  /** Whether the next member may fare better after this error, since it reads other topics. */
  readonly relieve: (error: unknown) => Promise<boolean>;
  /** The member has gone by itself: what it owned is in doubt until the next one's first assignment. */
  readonly onGone: () => void;
  /** A new member, or another start, follows after `delay` ms, as the `restart`-th in a row. */
  readonly onCrashed: (error: unknown, restart: number, delay: number) => void;
  readonly onRestarted: (restart: number) => void;
  /** No restart will help, or there were too many. */
  readonly onLost: (error: unknown) => void;
  /** Ends waits and restarts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

export interface Preparation {
  readonly run: () => Promise<void>;
  /** Whether to give up at this failure, though another start might mend it. */
  readonly isFinal: (error: unknown) => boolean;
}

/**
 * Restarts in a row, without a minute of health between them. With the waits below, a cluster may be dead for about
 * eight minutes before a member has ever worked. Later it may be away for as long as it likes: a new process would not reach it either.
 */
const MAX_RESTARTS = 50;
/** Restarts after an error that a restart should not mend: it may be a hiccup, if the consumer has worked before. */
const DOUBTFUL_RESTARTS = 3;
/** ms */
const HEALTHY_AFTER = 60_000;
/**
 * ms. A member whose partitions have had their positions for so long has the right to read them, even if no record
 * came: clients fetch at once.
 */
const WORKED_AFTER = 5_000;
const BACKOFF = /* @__PURE__ */ exponential({ initial: 200, multiplier: 2, max: 10_000 });
/** A member that is to make room comes to rest again after a rebalance, but not for ever in a group that never settles. */
const MOST_RESTS = 5;
/** For a member to leave its group, ms. */
const LEAVE_LIMIT = 10_000;

/**
 * Keeps the consumer in its group, with one client consumer after the other: one that has crashed is never restarted.
 */
export class GroupMembership {
  readonly #options: GroupMembershipOptions;
  readonly #patience: Patience;
  #member: GroupMember | undefined;
  /** Tells that the present member has ended, and by which error; by none where another one is to take its place. */
  #end: ((failed?: { readonly error: unknown }) => void) | undefined;
  /** What the present member has subscribed to. */
  #topics: readonly string[] = [];
  /** So far, of all members. */
  #assignments = 0;
  #joining: Promise<GroupMember> | undefined;
  #restarts = 0;
  #joinedOnce = false;
  /** The partitions of a member have had their positions. */
  #hasWorked = false;
  #restarting = false;
  /** When the present member's partitions got their positions; Infinity before that. */
  #settledAt = Number.POSITIVE_INFINITY;
  /** Records have come to the present member. */
  #fed = false;

  constructor(options: GroupMembershipOptions) {
    this.#options = options;
    this.#patience = new Patience(options.clock);
  }

  get member(): GroupMember | undefined {
    return this.#member;
  }

  /** In a row. */
  get restarts(): number {
    return this.#restarts;
  }

  get restarting(): boolean {
    return this.#restarting;
  }

  /** The member works: from now on its health counts. */
  settled(): void {
    this.#hasWorked = true;
    this.#settledAt = this.#options.clock.now();
  }

  /** Whether to go on after an error that no restart should mend: rights that this consumer had may come back. */
  bears(error: unknown): boolean {
    this.#lookBack();
    return this.#patience.bears(error);
  }

  /**
   * Joins again and again, until a member works, the restarts are used up, or the error is final.
   *
   * @param preparation what must have succeeded before a member joins; its failures count as those of a join
   * @throws the last error, or the signal's reason
   */
  async join(preparation?: Preparation): Promise<void> {
    const { client, membership, signal, onJoining } = this.#options;
    let missing = preparation;
    for (;;) {
      try {
        await missing?.run();
        missing = undefined;
        // Deferred, so that `onJoining` comes before the first assignment.
        const asked = membership();
        this.#joining = Promise.resolve().then(() => client.join(asked, this.#sink()));
        onJoining(this.#joining);
        const member = await this.#joining;
        if (signal.aborted) {
          await member.stop();
          signal.throwIfAborted();
        }
        this.#member = member;
        this.#topics = asked.topics;
        this.#joinedOnce = true;
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (missing?.isFinal(error)) throw error;
        await this.#backOff(error);
      } finally {
        this.#joining = undefined;
      }
    }
  }

  /** The present member is of no more use: another one takes its place, as after a crash. */
  renew(error: unknown): void {
    if (this.#member !== undefined) this.#end?.({ error });
  }

  /**
   * Where the present member reads other topics than it should by now, another one takes its place, once this one has come to rest:
   * a client's own change of topics would not say what it keeps. Nothing has failed, and no restart is counted.
   */
  async resubscribe(): Promise<void> {
    const { membership, rest } = this.#options;
    await this.#joining?.catch(() => {});
    const member = this.#member;
    if (member === undefined || sameTopics(this.#topics, membership().topics)) return;
    for (let rests = 1, before = -1; before !== this.#assignments && rests <= MOST_RESTS; rests++) {
      before = this.#assignments;
      await rest();
    }
    if (this.#member === member) this.#end?.();
  }

  /** Leaves the group, also while joining; within 20 s. */
  async leave(): Promise<void> {
    const { clock } = this.#options;
    const member = this.#member ?? (await within(LEAVE_LIMIT, this.#joining, clock));
    if (typeof member === 'object') await within(LEAVE_LIMIT, member.stop(), clock);
  }

  #sink(): MemberSink {
    const { sink, signal } = this.#options;
    let gone = false;
    const end = (failed?: { readonly error: unknown }) => {
      if (gone) return;
      gone = true;
      if (!signal.aborted) void this.#restart(failed);
    };
    this.#end = end;
    return {
      assignment: (partitions) => {
        if (gone) return;
        this.#assignments++;
        sink.assignment(partitions);
      },
      revoking: (partitions) => (gone ? Promise.resolve() : sink.revoking(partitions)),
      records: (topic, partition, records) => {
        if (gone) return;
        this.#fed = true;
        sink.records(topic, partition, records);
      },
      lost: () => {
        if (!gone) sink.lost();
      },
      reached: (partition, next) => {
        if (!gone) sink.reached(partition, next);
      },
      outOfRange: (partition) => {
        if (!gone) sink.outOfRange(partition);
      },
      crashed: (error) => end({ error }),
    };
  }

  async #restart(failed: { readonly error: unknown } | undefined): Promise<void> {
    const { clock, signal, onGone, onRestarted, onLost } = this.#options;
    const old = this.#member;
    this.#member = undefined;
    this.#restarting = true;
    this.#lookBack();
    if (clock.now() - this.#settledAt > HEALTHY_AFTER) this.#restarts = 0;
    this.#settledAt = Number.POSITIVE_INFINITY;
    this.#fed = false;
    onGone();
    try {
      await within(LEAVE_LIMIT, old?.stop(), clock);
      if (failed !== undefined) await this.#backOff(failed.error);
      await this.join();
      this.#restarting = false;
      if (failed !== undefined && this.#restarts > 0) onRestarted(this.#restarts);
    } catch (error) {
      if (!signal.aborted) onLost(error);
    }
  }

  /** Waits before the next restart. @throws the error if there must be none */
  async #backOff(error: unknown): Promise<void> {
    const { clock, signal, onCrashed, relieve } = this.#options;
    if (await relieve(error)) {
      await sleep(BACKOFF.delay(0), signal, clock);
      return;
    }
    const doubtful = this.#joinedOnce && !isFinalForMember(error);
    const bound = passes(error) || this.bears(error) ? MAX_RESTARTS : doubtful ? DOUBTFUL_RESTARTS : 0;
    const isAway = this.#hasWorked && isOutage(error);
    if (this.#restarts >= bound && !isAway) throw error;
    const delay = BACKOFF.delay(this.#restarts++);
    onCrashed(error, this.#restarts, delay);
    await sleep(delay, signal, clock);
  }

  #lookBack(): void {
    const settled = this.#options.clock.now() - this.#settledAt;
    if (this.#fed ? settled >= 0 : settled > WORKED_AFTER) this.#patience.worked();
  }
}

function sameTopics(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((topic) => others.includes(topic));
}
