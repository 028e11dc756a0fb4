import { type Clock, classifyKafkaError, formatDuration, sleep, VeloError } from '@velo/retry-core';
import type { ClientBinding, GroupMember, MemberSink, Membership } from '../binding/binding.js';
import { GroupMembership } from '../membership/group-membership.js';

export interface PlaceInGroupOptions {
  readonly client: ClientBinding;
  /** Of the next member. */
  readonly membership: () => Membership;
  readonly sink: Omit<MemberSink, 'crashed'>;
  /** Whether another member would fare better after this error. */
  readonly relieve: (error: unknown) => Promise<boolean>;
  /** What the member had is not owned any more. */
  readonly onGone: () => void;
  readonly onFailed: (error: unknown) => void;
  readonly clock: Clock;
}

const INCONSISTENT_GROUP_PROTOCOL = 23;
/** How long members of another client are waited for, ms. */
const OTHERS_LIMIT = 300_000;
/** ms */
const ASK_AGAIN = 2_000;

/** A reader's place in its group: taken, left to others, and taken again. */
export class PlaceInGroup {
  readonly #options: PlaceInGroupOptions;
  #stay = new AbortController();
  #membership: GroupMembership | undefined;
  #joining: Promise<GroupMember> | undefined;

  constructor(options: PlaceInGroupOptions) {
    this.#options = options;
  }

  /** The member, once it has joined; undefined while there is none. */
  get joining(): Promise<GroupMember> | undefined {
    return this.#joining;
  }

  take(): void {
    const { client, membership, sink, relieve, onGone, onFailed, clock } = this.#options;
    this.#stay = new AbortController();
    const { signal } = this.#stay;
    this.#membership = new GroupMembership({
      client,
      membership,
      sink,
      onJoining: (joining) => {
        this.#joining = joining;
      },
      rest: async () => {},
      relieve,
      onGone,
      onCrashed: () => {},
      onRestarted: () => {},
      onLost: onFailed,
      signal,
      clock,
    });
    void this.#enter(this.#membership, signal);
  }

  async leave(): Promise<void> {
    this.#stay.abort();
    await this.#membership?.leave();
    this.#joining = undefined;
  }

  /** The member has had its partitions: see `GroupMembership`. */
  settled(): void {
    this.#membership?.settled();
  }

  /** The member is of no use any more. */
  renew(error: unknown): void {
    this.#membership?.renew(error);
  }

  /** While members of another client are in the group, this one waits: their protocols differ. */
  async #enter(membership: GroupMembership, signal: AbortSignal): Promise<void> {
    const { clock, onFailed } = this.#options;
    const { groupId } = this.#options.membership();
    for (const start = clock.now(); !signal.aborted; ) {
      try {
        return await membership.join();
      } catch (error) {
        if (signal.aborted) return;
        if (classifyKafkaError(error).code !== INCONSISTENT_GROUP_PROTOCOL) return onFailed(error);
        if (clock.now() - start > OTHERS_LIMIT) return onFailed(othersAtWork(groupId, error));
        await sleep(ASK_AGAIN, signal, clock).catch(() => {});
      }
    }
  }
}

function othersAtWork(groupId: string, cause: unknown): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    `Group ${groupId} has had members of another Kafka client for ${formatDuration(OTHERS_LIMIT)}, which assign partitions in another way, so nobody else can join. Nothing was done here. Wait until they have ended, which replay or discard as well, or do it with their client.`,
    { cause },
  );
}
