import { exponential } from '../strategies/exponential.js';
import { VeloError } from '../velo-error.js';
import type { ClientBinding, GroupMember } from './binding.js';
import type { Lane } from './lane.js';
import type { LaneHost } from './lane-host.js';
import type { ConsumerPlan } from './plan.js';
import type { KnownPosition } from './position-reset.js';
import type { TopicPartition } from './record.js';
import { type StartPosition, startPositions } from './start-position.js';

const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

export interface AssignmentOptions {
  readonly plan: ConsumerPlan;
  readonly client: ClientBinding;
  readonly host: Pick<LaneHost, 'clock'>;
  /** Readies velo's own topics for these partitions. */
  readonly prepare: (partitions: readonly TopicPartition[]) => Promise<void>;
  /** The positions could not be found out; tried again after `delay`. False: give up. */
  readonly onSettleFailed: (error: unknown, delay: number) => boolean;
}

/** A lane, and where it begins or goes on. */
export interface Settled {
  readonly lane: Lane;
  readonly start: StartPosition;
}

/** What a member owns from one rebalance to the next: finds out where its partitions stand, as long as it counts. */
export class Assignment {
  readonly #options: AssignmentOptions;
  readonly #joining: Promise<GroupMember> | undefined;
  readonly #owned: number;
  readonly #waits = new Set<() => void>();
  #over = false;

  /** @param owned how many partitions there are in all */
  constructor(options: AssignmentOptions, joining: Promise<GroupMember> | undefined, owned: number) {
    this.#options = options;
    this.#joining = joining;
    this.#owned = owned;
  }

  /** Another one, or none, has taken its place: what was asked for it is dropped. */
  get over(): boolean {
    return this.#over;
  }

  end(): void {
    this.#over = true;
    for (const end of this.#waits) end();
  }

  /**
   * Where these lanes stand, committed where that is new; tried until it is known. Nothing if that is no longer wanted.
   *
   * @param known what the member knows of each: asked for now, since clients go on fetching meanwhile
   */
  async settle(
    lanes: readonly Lane[],
    known: readonly KnownPosition[],
  ): Promise<readonly Settled[] | undefined> {
    for (let failures = 0; ; failures++) {
      try {
        return await this.#find(lanes, known);
      } catch (error) {
        if (this.#over) return undefined;
        const delay = BACKOFF.delay(failures);
        if (!this.#options.onSettleFailed(error, delay)) return undefined;
        await this.#wait(delay);
        if (this.#over) return undefined;
      }
    }
  }

  async #find(
    lanes: readonly Lane[],
    known: readonly KnownPosition[],
  ): Promise<readonly Settled[] | undefined> {
    const { plan, client, prepare } = this.#options;
    const partitions = lanes.map(({ topic, partition }) => ({ topic, partition }));
    const doubts = lanes.map((lane) => lane.doubts);
    const transactional = plan.handOff === 'transactional';
    const member = await this.#joining;
    await prepare(partitions);
    if (this.#over) return undefined;
    if (transactional) await this.#fence(member, partitions);
    const positions = await startPositions(client, plan, partitions, known);
    if (this.#over || member === undefined) return undefined;
    // No broker refuses the transaction of a member that was thrown out, but it refuses its commit.
    const fresh = transactional ? positions : positions.filter((position) => position.fresh);
    if (fresh.length > 0) await member.commit(fresh);
    if (this.#over) return undefined;
    const settled = lanes.map((lane, i) => ({ lane, start: positions[i] as StartPosition }));
    // What has come in doubt meanwhile is asked for once more by whoever doubts it.
    return settled.filter(({ lane }, i) => lane.doubts === doubts[i]);
  }

  /** @throws {VeloError} `VELO_NOT_SUPPORTED` if the member owns more partitions than it can have transactions for */
  async #fence(member: GroupMember | undefined, partitions: readonly TopicPartition[]): Promise<void> {
    const max = this.#options.client.capabilities.transactions?.maxPartitions ?? Number.POSITIVE_INFINITY;
    if (this.#owned > max) {
      throw new VeloError(
        'VELO_NOT_SUPPORTED',
        `This member owns ${this.#owned} partitions, sources and tiers together. A transactional hand-off needs a producer for each with this client, and ${max} is the most for one member. Start more members before this one, use fewer tiers, set handOff to 'at-least-once', or take a client whose transactions are by member.`,
      );
    }
    await member?.transactions?.fence(partitions);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.#options.host.clock.schedule(ms, end);
      this.#waits.add(end);
    });
  }
}
