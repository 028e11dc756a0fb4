// One file, since each answer decides what the member asks next.
import {
  Bell,
  type Membership,
  readAssignment,
  type TopicPartition,
  VELO_PROTOCOL,
  within,
  writeSubscription,
} from '@velo/engine';
import { classifyKafkaError, exponential } from '@velo/retry-core';
import { type Cluster, GROUP } from '../connection/cluster.js';
import type { MemberConfig } from '../connection/member-config.js';
import type { Generation } from '../connection/offset-commits.js';
import {
  brokerCode,
  COORDINATOR_MOVED,
  checkMember,
  refusal,
  UNKNOWN_TOPIC_OR_PARTITION,
} from '../errors.js';
import type { Requests } from '../requests.js';
import { Leadership } from './leadership.js';

const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const GROUP_ID_NOT_FOUND = 69;
const MEMBER_ID_REQUIRED = 79;

/** The group goes on, and the member joins it again. */
const JOIN_AGAIN: ReadonlySet<number | undefined> = new Set([
  ...COORDINATOR_MOVED,
  ILLEGAL_GENERATION,
  UNKNOWN_MEMBER_ID,
  REBALANCE_IN_PROGRESS,
  GROUP_ID_NOT_FOUND,
]);
/** The group goes on without the member. */
const PUT_OUT: ReadonlySet<number> = new Set([ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, GROUP_ID_NOT_FOUND]);
/** In a row: then the member ends, and the engine makes another one. */
const MAX_FAILURES = 15;
const BACKOFF = exponential({ initial: 100, multiplier: 2, max: 1_000 });
/** Beside velo's, those of others that read the same topics: whoever leads assigns in its own way. */
const PROTOCOLS = [VELO_PROTOCOL, 'roundrobin', 'RoundRobinAssigner'] as const;
/** ms. For a leave, which nobody waits for longer. */
const LEAVE_LIMIT = 1_000;

export interface SessionEvents {
  /** In the tick in which the generation changes. */
  readonly assigned: (partitions: readonly TopicPartition[]) => void;
  /** Resolves when the partitions may go to others. */
  readonly revoking: () => Promise<void>;
  readonly lost: () => void;
  /** The member has ended by itself. Not before it has joined for the first time. */
  readonly crashed: (error: unknown) => void;
}

/**
 * A member's place in its group, by Kafka's classic protocol: joins, assigns where it leads, sends heartbeats, joins
 * again. Its connections are its own, since a broker answers a join when the whole group has come.
 */
export class Session {
  readonly #cluster: Cluster;
  readonly #membership: Membership;
  readonly #config: MemberConfig;
  readonly #events: SessionEvents;
  readonly #leadership: Leadership;
  readonly #bell = new Bell();
  #memberId = '';
  #generationId = -1;
  #owned: readonly TopicPartition[];
  #ended = false;
  #leaving: Promise<void> | undefined;

  constructor(cluster: Cluster, membership: Membership, config: MemberConfig, events: SessionEvents) {
    this.#cluster = cluster;
    this.#membership = membership;
    this.#leadership = new Leadership(cluster, membership.topics);
    this.#config = config;
    this.#events = events;
    this.#owned = membership.former ?? [];
  }

  get generation(): Generation {
    return {
      generationId: this.#generationId,
      memberId: this.#memberId,
      instanceId: this.#config.instanceId,
    };
  }

  /** Resolves after the first assignment. @throws why the member cannot join */
  async join(): Promise<void> {
    const found = await this.#cluster.describe(this.#membership.topics);
    const missing = this.#membership.topics.find((topic) => !found.has(topic));
    if (missing !== undefined) throw refusal(UNKNOWN_TOPIC_OR_PARTITION, `topic "${missing}"`);
    await this.#joinPatiently();
    // Brokers give a static member that is back what it had, though it reads other topics now; its leader's second join counts.
    if (this.#config.instanceId !== null && this.#lacksTopic()) await this.#joinPatiently();
    void this.#live();
  }

  /** Leaves the group; twice is fine. Never rejects. */
  leave(): Promise<void> {
    this.#ended = true;
    this.#bell.ring();
    this.#leaving ??= this.#leave().catch(() => {});
    return this.#leaving;
  }

  #lacksTopic(): boolean {
    const owned = new Set(this.#owned.map(({ topic }) => topic));
    return this.#membership.topics.some((topic) => !owned.has(topic));
  }

  async #live(): Promise<void> {
    try {
      while (!this.#ended) {
        await this.#stay();
        if (!this.#ended) await this.#joinPatiently();
      }
    } catch (error) {
      if (this.#ended) return;
      this.#ended = true;
      this.#events.crashed(error);
    }
  }

  async #joinPatiently(): Promise<void> {
    for (let failures = 0; !this.#ended; failures++) {
      try {
        await this.#join();
        return;
      } catch (error) {
        if (this.#ended) return;
        const code = brokerCode(error);
        this.#heed(code);
        const passes = JOIN_AGAIN.has(code) || (code === undefined && classifyKafkaError(error).retry);
        if (!passes || failures >= MAX_FAILURES) throw error;
        await this.#bell.next(BACKOFF.delay(failures));
      }
    }
  }

  async #join(): Promise<void> {
    const { groupId, topics, families = [] } = this.#membership;
    const { sessionTimeout, rebalanceTimeout, instanceId } = this.#config;
    const metadata = writeSubscription({ topics, families, owned: this.#owned });
    const protocols = PROTOCOLS.map((name) => ({ name, metadata }));
    const limit = rebalanceTimeout + this.#cluster.config.timeout;
    const answer = await this.#ask(
      'joinGroup',
      [groupId, sessionTimeout, rebalanceTimeout, this.#memberId, instanceId, 'consumer', protocols, ''],
      limit,
    );
    if (answer.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = answer.memberId;
      return this.#join();
    }
    checkMember(answer.errorCode, groupId, instanceId);
    if (this.#ended) return;
    this.#memberId = answer.memberId;
    const { generationId, protocolName } = answer;
    const leads = answer.leader === answer.memberId;
    const assigned = leads ? await this.#leadership.assign(answer.members) : [];
    const synced = await this.#ask(
      'syncGroup',
      [groupId, generationId, this.#memberId, instanceId, 'consumer', protocolName ?? PROTOCOLS[0], assigned],
      limit,
    );
    checkMember(synced.errorCode, groupId, instanceId);
    if (this.#ended) return;
    this.#generationId = generationId;
    if (!leads) this.#leadership.end();
    this.#owned = readAssignment(synced.assignment);
    this.#events.assigned(this.#owned);
  }

  /** Until the member has to join again. @throws what it cannot go on with */
  async #stay(): Promise<void> {
    let lookAt = performance.now() + this.#config.metadataMaxAge;
    while (!this.#ended) {
      await this.#bell.next(this.#config.heartbeatInterval);
      if (this.#ended) return;
      const code = await this.#heartbeat();
      if (code === REBALANCE_IN_PROGRESS) return this.#revoke();
      if (code !== undefined && PUT_OUT.has(code)) {
        this.#heed(code);
        return;
      }
      if (code !== undefined && !COORDINATOR_MOVED.has(code))
        checkMember(code, this.#membership.groupId, this.#config.instanceId);
      if (performance.now() < lookAt) continue;
      if (await this.#leadership.haveTopicsChanged()) return this.#revoke();
      lookAt = performance.now() + this.#config.metadataMaxAge;
    }
  }

  /** Of the answer; undefined: there was none. */
  async #heartbeat(): Promise<number | undefined> {
    const { groupId } = this.#membership;
    const { sessionTimeout, instanceId } = this.#config;
    try {
      const answer = await this.#ask(
        'heartbeat',
        [groupId, this.#generationId, this.#memberId, instanceId],
        sessionTimeout,
        0,
      );
      return answer.errorCode;
    } catch (error) {
      return brokerCode(error);
    }
  }

  /** Meanwhile the session is kept, since the group waits for all that are in it. */
  async #revoke(): Promise<void> {
    const rested = this.#events.revoking().then(
      () => true,
      () => true,
    );
    while (!this.#ended && (await within(this.#config.heartbeatInterval, rested)) !== true)
      await this.#heartbeat();
  }

  #heed(code: number | undefined): void {
    if (code === undefined || !PUT_OUT.has(code)) return;
    if (code !== ILLEGAL_GENERATION) this.#memberId = '';
    if (this.#generationId >= 0) this.#events.lost();
    this.#generationId = -1;
  }

  #ask<N extends 'joinGroup' | 'syncGroup' | 'heartbeat'>(
    name: N,
    args: Requests[N]['args'],
    limit: number,
    wait = Number.POSITIVE_INFINITY,
  ): Promise<Requests[N]['answer']> {
    const { groupId } = this.#membership;
    return this.#cluster.askCoordinator(GROUP, groupId, name, args, ({ errorCode }) => errorCode, {
      limit,
      wait,
    });
  }

  async #leave(): Promise<void> {
    const { groupId } = this.#membership;
    // A static member keeps its partitions until it is back, or its session ends.
    if (this.#memberId === '' || this.#config.instanceId !== null) return;
    const members = [{ memberId: this.#memberId, groupInstanceId: null }];
    await this.#cluster.askCoordinator(
      GROUP,
      groupId,
      'leaveGroup',
      [groupId, members],
      ({ errorCode }) => errorCode,
      { limit: LEAVE_LIMIT },
    );
  }
}
