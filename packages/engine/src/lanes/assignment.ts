// One file, since each step asks first whether the assignment still counts.
import { exponential, VeloError } from '@velo/retry-core';
import type { ClientBinding, GroupMember } from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { namePartitions } from '../binding/name-partitions.js';
import { partitionOf, type TopicPartition } from '../binding/record.js';
import type { Doubtful } from '../offsets/position-reset.js';
import {
  type Beginning,
  type Inherit,
  type StartPosition,
  startPositions,
} from '../offsets/start-position.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { asTheyCome } from './as-they-come.js';
import { fence } from './fence.js';
import type { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';

const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

export interface AssignmentOptions {
  readonly plan: ConsumerPlan;
  readonly client: ClientBinding;
  readonly host: Pick<LaneHost, 'clock'>;
  /** Where other groups have got to in tiers that this one has never read. */
  readonly inherit: Inherit;
  /** Readies velo's own topics for these partitions, and gives back those of them that the brokers do not have. */
  readonly prepare: (partitions: readonly TopicPartition[]) => Promise<readonly TopicPartition[]>;
  /** These positions could not be found out; tried again after `delay`. False: give up. */
  readonly onSettleFailed: (partitions: readonly TopicPartition[], error: unknown, delay: number) => boolean;
}

/** A lane whose position is not known. */
export interface Unsettled extends Doubtful {
  readonly lane: Lane;
  /**
   * The lane's `doubts` when its position was asked for. If they have grown since, the answer is dropped: whoever put
   * the lane in doubt asks again.
   */
  readonly doubts: number;
}

/** A lane, and where it begins or goes on. */
export interface Settled {
  readonly lane: Lane;
  readonly start: StartPosition;
}

/** Called with those that are known, as they come; with none where brokers answer, but for none of them. */
type Take = (settled: readonly Settled[]) => void;
type Retry = (failed: readonly Unsettled[], error: unknown) => void;

/**
 * What a member owns from one rebalance to the next: finds out where its partitions stand, as long as it counts.
 */
export class Assignment {
  readonly #options: AssignmentOptions;
  readonly #joining: Promise<GroupMember> | undefined;
  readonly #owned: number;
  readonly #onUntold: (start: StartPosition) => void;
  readonly #failing = new Set<Lane>();
  /** Lanes of partitions that the brokers do not have. */
  readonly #absent = new Set<Lane>();
  #over = false;
  #end = () => {};
  /** Resolves when it is over. */
  readonly ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  /**
   * @param owned how many partitions there are in all
   * @param onUntold told of what was out of range, if its new offset was committed and meanwhile the next assignment came,
   *   or the client told the same: after that commit nobody could see it any more
   */
  constructor(
    options: AssignmentOptions,
    joining: Promise<GroupMember> | undefined,
    owned: number,
    onUntold: (start: StartPosition) => void,
  ) {
    this.#options = options;
    this.#joining = joining;
    this.#owned = owned;
    this.#onUntold = onUntold;
  }

  /** Another one, or none, has taken its place: what was asked for it is dropped. */
  get over(): boolean {
    return this.#over;
  }

  /** Positions are tried again that could not be found out. */
  get failing(): boolean {
    return !this.#over && this.#failing.size > 0;
  }

  end(): void {
    this.#over = true;
    this.#end();
  }

  /**
   * Finds out where lanes stand, and commits that where it is new. Each is tried until it is known, by itself: a leader
   * that is away holds up no more than its own partitions. Resolves when all are known, or that is no longer wanted.
   */
  async settle(unsettled: readonly Unsettled[], take: Take, failures = 0): Promise<void> {
    const retries: Promise<void>[] = [];
    const retry: Retry = (failed, error) => {
      const wanted = failed.filter(isWanted);
      if (wanted.length > 0 && !this.#over) retries.push(this.#again(wanted, error, take, failures));
    };
    try {
      await this.#find(unsettled, take, retry);
    } catch (error) {
      retry(unsettled, error);
    }
    await Promise.all(retries);
  }

  async #again(failed: readonly Unsettled[], error: unknown, take: Take, failures: number): Promise<void> {
    for (const { lane } of failed) this.#failing.add(lane);
    const delay = BACKOFF.delay(failures);
    if (!this.#options.onSettleFailed(failed.map(partitionOf), error, delay)) return this.end();
    await within(delay, this.ended, this.#options.host.clock);
    if (!this.#over) await this.settle(failed.filter(isWanted), take, failures + 1);
  }

  /** @throws what holds up all of them */
  async #find(unsettled: readonly Unsettled[], take: Take, retry: Retry): Promise<void> {
    const { plan, prepare } = this.#options;
    const member = await this.#joining;
    const partitions = unsettled.map(partitionOf);
    const absent = new Set(await prepare(partitions));
    if (member === undefined) return this.end();
    if (this.#over) return;
    const isAbsent = (_: Unsettled, i: number) => absent.has(partitions[i] as TopicPartition);
    // Partitions that the brokers do not have hold up no others: not even their committed offsets are asked for.
    const gone = unsettled.filter(isAbsent);
    const there = unsettled.filter((one, i) => !isAbsent(one, i));
    for (const { lane } of there) this.#absent.delete(lane);
    for (const { lane } of gone) this.#absent.add(lane);
    if (gone.length > 0) retry(gone, notThere(gone));
    if (there.length === 0) return take([]);
    if (plan.handOff === 'at-least-once') return this.#begin(member, there, take, retry);
    this.#checkCount();
    const begins: Promise<void>[] = [];
    const { client, host } = this.#options;
    const { scope } = client.capabilities.transactions ?? {};
    for await (const { fenced, refused, error } of fence(there, member.transactions, scope, host.clock)) {
      if (this.#over) return;
      if (refused.length > 0) retry(refused, error);
      if (fenced.length > 0)
        begins.push(this.#begin(member, fenced, take, retry).catch((failed) => retry(fenced, failed)));
    }
    await Promise.all(begins);
  }

  /** @throws what holds up all of them */
  async #begin(
    member: GroupMember,
    unsettled: readonly Unsettled[],
    take: Take,
    retry: Retry,
  ): Promise<void> {
    const { plan, client, inherit } = this.#options;
    const beginnings = await startPositions(client, plan, unsettled, inherit);
    for await (const come of asTheyCome(beginnings.map(answerOf))) {
      if (this.#over) return;
      const refused = come.filter((one) => 'error' in one);
      const answered = come.filter((one) => 'positions' in one);
      if (refused[0] !== undefined)
        retry(
          refused.flatMap(({ of }) => of),
          refused[0].error,
        );
      try {
        await this.#commit(
          member,
          answered.flatMap(({ positions }) => positions),
        );
        this.#leaveUntold(answered);
        if (this.#over) return;
        for (const { lane } of answered.flatMap(({ of }) => of)) this.#failing.delete(lane);
        take(answered.flatMap(settledOf));
      } catch (error) {
        retry(
          answered.flatMap(({ of }) => of),
          error,
        );
      }
    }
  }

  /** What was out of range, is committed by now, and opens no lane: the assignment is over, or the lane has come in doubt again. */
  #leaveUntold(answered: readonly Answer[]): void {
    for (const { of, positions } of answered)
      for (const [i, one] of of.entries()) {
        const start = positions[i] as StartPosition;
        if (start.outOfRange && (this.#over || !isWanted(one))) this.#onUntold(start);
      }
  }

  async #commit(member: GroupMember, positions: readonly StartPosition[]): Promise<void> {
    // Brokers let a member transact that was put out of its group, but refuse its commit. So all positions are
    // committed.
    const transactional = this.#options.plan.handOff === 'transactional';
    const fresh = transactional ? positions : positions.filter((position) => position.fresh);
    if (fresh.length > 0) await member.commit(fresh);
  }

  /** @throws {VeloError} `VELO_NOT_SUPPORTED` if the member owns more partitions than it can have transactions for */
  #checkCount(): void {
    const max = this.#options.client.capabilities.transactions?.maxPartitions ?? Number.POSITIVE_INFINITY;
    const owned = this.#owned - this.#absent.size;
    if (owned > max) {
      throw new VeloError(
        'VELO_NOT_SUPPORTED',
        `This member owns ${owned} partitions, sources and tiers together. Nothing is lost: nothing of them was begun. A transactional hand-off needs a producer for each with this client, and ${max} is the most for one member. Start more members before this one, use fewer tiers, set handOff to 'at-least-once', or take a client whose transactions are by member.`,
      );
    }
  }
}

function notThere(gone: readonly Unsettled[]): VeloError {
  const partitions = namePartitions(gone.map(({ lane }) => lane));
  return new VeloError(
    'VELO_CLIENT',
    `The group's leader has assigned partitions that the brokers do not have: ${partitions}. Nothing is lost: they are looked for again, and all others are read. See who assigns them: kafka-consumer-groups --describe --members.`,
  );
}

interface Answer {
  readonly of: readonly Unsettled[];
  readonly positions: readonly StartPosition[];
}

interface Refusal {
  readonly of: readonly Unsettled[];
  readonly error: unknown;
}

function answerOf({ of, positions }: Beginning<Unsettled>): Promise<Answer | Refusal> {
  return positions.then(
    (found) => ({ of, positions: found }),
    (error: unknown) => ({ of, error }),
  );
}

function settledOf({ of, positions }: Answer): Settled[] {
  return of.flatMap((one, i) =>
    isWanted(one) ? [{ lane: one.lane, start: positions[i] as StartPosition }] : [],
  );
}

function isWanted({ lane, doubts }: Unsettled): boolean {
  return lane.doubts === doubts;
}
