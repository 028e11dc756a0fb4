// One file, so that whoever reads it sees all wires of a consumer; each part knows only its own.
import { type Clock, exponential, foreignMessage, type RetryMetrics } from '@velo/retry-core';
import type {
  ClientBinding,
  HandOver,
  MemberSink,
  OutgoingRecord,
  PartitionOffset,
  TransactionOutcome,
} from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { partitionOf, type TopicPartition } from '../binding/record.js';
import { isMetadataTooLarge, isMissingTopic } from '../failures/client-error.js';
import { type Failure, isHandlerTimeout } from '../failures/failure.js';
import { Flow } from '../flow/flow.js';
import type { LaneHost } from '../lanes/lane-host.js';
import { Lanes } from '../lanes/lanes.js';
import { SharedBuffer } from '../lanes/shared-buffer.js';
import { SharedSlots } from '../lanes/slots.js';
import { GroupMembership } from '../membership/group-membership.js';
import { ContactWatch } from '../observing/contact-watch.js';
import { Emitter } from '../observing/events.js';
import type { ConsumerGauges } from '../observing/gauges.js';
import { Lag, type PartitionLag } from '../observing/lag.js';
import type { TopicPlace } from '../observing/observer.js';
import type { ConsumerWatch, Observers } from '../observing/observers.js';
import { watchClient } from '../observing/operation-watch.js';
import { UnreadWatch } from '../observing/unread-watch.js';
import { Committer } from '../offsets/committer.js';
import { METADATA_ROOM } from '../offsets/offset-metadata.js';
import type { MetadataRoom } from '../offsets/partition-position.js';
import { TopicWatch } from '../offsets/topic-watch.js';
import type { OptionOrigin } from '../plan/layers.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { FieldLogger } from '../plan/safe-logger.js';
import { Subscription } from '../plan/subscription.js';
import type { HandOffs } from '../sending/hand-offs.js';
import { TopicPatience } from '../sending/patience.js';
import { RecordWriter } from '../sending/record-writer.js';
import { TransactionalHandOffs } from '../sending/transactional-hand-offs.js';
import { SpringGroups, springGroupOf } from '../topology/spring-groups.js';
import { explainSpring, SpringWatch } from '../topology/spring-watch.js';
import type { TopicList } from '../topology/topic-list.js';
import { Topology } from '../topology/topology.js';
import type { WaitForTopicOptions } from '../topology/wait-for-topic.js';
import { ConsumerNews } from './consumer-news.js';
import { logEvents } from './event-log.js';
import { flowNews } from './flow-news.js';
import { Misassignments } from './misassignments.js';
import { OutgoingCopies } from './outgoing-copies.js';
import { ReplayWatch } from './replay-watch.js';
import { SeldomLog } from './seldom-log.js';
import { StartContext } from './start-context.js';

export interface ConsumerOptions {
  readonly plan: ConsumerPlan;
  readonly open: () => ClientBinding;
  readonly clientOptions: object | undefined;
  /** Of the options that the plan was made of. */
  readonly origins: readonly OptionOrigin[];
  readonly waitForTopic: (
    client: ClientBinding,
    topic: string,
    options: Pick<WaitForTopicOptions, 'timeout' | 'created' | 'signal' | 'onWait'>,
  ) => Promise<number>;
  /** The start fails if a topic of velo's own would lose copies. */
  readonly strict: boolean;
  /** Shared by the consumers of a process. */
  readonly topicList: TopicList;
  readonly clock: Clock;
  readonly metrics: RetryMetrics;
  readonly logger: FieldLogger;
  readonly observers: Observers;
}

/** What the parts ask of the consumer that they are parts of. */
export interface Life {
  /** Aborted when it stops. */
  readonly signal: AbortSignal;
  readonly starting: () => boolean;
  /** The partitions of an assignment have their positions; some may still be missing. */
  readonly settled: (partitions: readonly TopicPartition[]) => void;
  /** These positions could not be found out. Gives back false where trying again is hopeless. */
  readonly settleFailed: (partitions: readonly TopicPartition[], error: unknown, delay: number) => boolean;
  readonly die: (error: unknown) => void;
  /** For observers. */
  readonly gauges: () => ConsumerGauges;
  readonly lag: () => Promise<readonly PartitionLag[]>;
}

const HAND_OFF_BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** How long a rebalance waits for running handlers of partitions that may move, ms. */
const REVOKE_LIMIT = 1_000;
/** The same before a member leaves for one with other topics: nobody waits for that, so it may take longer. ms */
const LEAVE_REST_LIMIT = 10_000;

/** A consumer's parts, and what flows between them. */
export class ConsumerParts {
  readonly client: ClientBinding;
  /** Of the call of `start()`. */
  readonly context = new StartContext();
  readonly events: Emitter;
  readonly log: SeldomLog;
  readonly news: ConsumerNews;
  readonly watch: ConsumerWatch;
  readonly subscription: Subscription;
  readonly topology: Topology;
  readonly buffer: SharedBuffer;
  readonly handOffs: HandOffs;
  readonly flow: Flow;
  readonly committer: Committer;
  readonly metadataRoom: MetadataRoom;
  readonly lanes: Lanes;
  readonly membership: GroupMembership;
  readonly contact: ContactWatch;
  readonly unread: UnreadWatch;
  readonly lag: Lag;
  readonly springGroups: SpringGroups;
  readonly spring: SpringWatch;
  readonly topicWatch: TopicWatch;
  readonly replays: ReplayWatch;
  readonly #plan: ConsumerPlan;
  readonly #misassignments: Misassignments;

  constructor(options: ConsumerOptions, life: Life) {
    const { plan, clock, logger } = options;
    const { groupId } = plan;
    this.#plan = plan;
    this.events = new Emitter((error) =>
      logger.error(
        `A listener of the consumer of group ${groupId} has thrown: ${foreignMessage(error)}. Nothing is lost: other listeners were told, and the consumer goes on. Mend the listener: nobody takes what it throws.`,
      ),
    );
    this.watch = options.observers.consumer(
      {
        groupId,
        topics: [...plan.sources],
        placeOf: (topic) => this.#placeOf(topic),
        gauges: life.gauges,
        lag: life.lag,
      },
      this.events,
    );
    this.client = watchClient(options.open(), this.watch.operations);
    this.log = new SeldomLog(logger, clock);
    logEvents(groupId, this.events, this.log);
    this.news = new ConsumerNews({ groupId, events: this.events, logger, log: this.log });
    this.#misassignments = new Misassignments({ groupId, events: this.events, logger });
    this.subscription = new Subscription(plan);
    this.topology = this.#makeTopology(options, life);
    this.buffer = new SharedBuffer(clock, plan.bufferTotalBytes);
    const told = flowNews({ groupId, events: this.events, logger, log: this.log, clock, halt: life.die });
    this.flow = new Flow({ plan, clock, news: told });
    this.handOffs = this.#makeHandOffs(options, life);
    this.metadataRoom = { bytes: this.client.capabilities.offsetMetadata ? METADATA_ROOM : 0 };
    this.committer = new Committer({
      clock,
      interval: plan.commitInterval,
      commit: (offsets) => this.#commit(offsets),
      onFailure: (error, inARow) => {
        // The commit comes again, without what has finished beyond it.
        if (isMetadataTooLarge(error)) this.#carryNothing();
        this.news.commitFailed(error, inARow);
      },
    });
    this.springGroups = new SpringGroups({ plan, client: this.client, logger });
    this.lanes = new Lanes({
      plan,
      client: this.client,
      inherit: (partitions) => this.springGroups.positions(partitions),
      subscription: this.subscription,
      host: this.#laneHost(options, life),
      prepare: (partitions) => this.#fit(partitions),
      onSettled: life.settled,
      onSettleFailed: life.settleFailed,
      onScattered: (partitions) => this.news.scattered(partitions),
    });
    this.replays = this.#makeReplayWatch(options);
    this.membership = this.#makeMembership(options, life);
    const describe = this.client.describeGroup;
    this.contact = new ContactWatch({
      contact: () => this.membership.member?.contact(),
      // The leaders, and the group's coordinator where it can be asked.
      ask: () => Promise.all([...this.client.offsets([...this.lanes].map(partitionOf)), describe?.(groupId)]),
      onChange: (silence) => this.news.silence(silence),
      onLost: (error) => this.membership.renew(error),
      clock,
    });
    this.unread = new UnreadWatch({
      topics: () => this.subscription.topics,
      describe: describe && (() => describe(groupId)),
      partitionCount: (topic) => this.client.partitionCount(topic),
      onChange: (partitions) => this.news.unread(partitions),
      clock,
    });
    this.lag = new Lag({ reading: () => this.lanes, offsets: this.client.offsets, clock });
    this.topicWatch = new TopicWatch({
      topicIds: this.client.topicIds,
      reading: () => this.lanes,
      onMadeAgain: (partition) => this.lanes.outOfRange(partition),
      clock,
    });
    this.spring = new SpringWatch({
      tiers: () => this.subscription.topics.filter((topic) => springGroupOf(topic, plan) !== undefined),
      partitionCount: (topic) => this.client.partitionCount(topic),
      positions: (partitions) => this.springGroups.positions(partitions),
      onRunning: (tiers) => logger.warn(explainSpring(groupId, tiers)),
      clock,
    });
  }

  #makeTopology({ plan, clock, logger, strict, waitForTopic }: ConsumerOptions, { signal }: Life): Topology {
    return new Topology({
      client: this.client,
      plan,
      waitFor: (topic, created) =>
        waitForTopic(this.client, topic, {
          timeout: plan.waitForTopics,
          created,
          signal,
          onWait: (wait) => this.events.emit('wait', wait),
        }),
      warn: (message) => logger.warn(message),
      strict,
      signal,
      clock,
    });
  }

  #makeHandOffs({ plan, clock }: ConsumerOptions, { die }: Life): HandOffs {
    const { client, topology } = this;
    const { capabilities } = client;
    const copies = new OutgoingCopies({ client, topology, clock });
    const common = {
      clock,
      strategy: HAND_OFF_BACKOFF,
      patience: new TopicPatience(clock),
      onRetry: (copy: OutgoingRecord, error: unknown, delay: number) => {
        this.news.publishFailed(copy, error, delay);
        if (isMissingTopic(error)) topology.doubt(copy.topic);
      },
    };
    if (plan.handOff === 'at-least-once')
      return new RecordWriter({ ...common, capabilities, publish: (records) => copies.publish(records) });
    return new TransactionalHandOffs({
      ...common,
      scope: capabilities.transactions?.scope ?? 'by-member',
      ready: (handOver) => copies.ready(handOver),
      transact: (handOvers) => this.#transact(handOvers),
      judge: (copy, error) => copies.unanswered.judge(copy, error),
      quiet: () => this.committer.quiet(),
      reopen: (lane) => this.lanes.reopen(lane),
      onHopeless: die,
    });
  }

  #laneHost({ plan, clock, metrics, logger }: ConsumerOptions, { die }: Life): LaneHost {
    const { groupId, bufferRecords, bufferBytes } = plan;
    return {
      clock,
      scope: () => this.context.scope(),
      groupId,
      bufferRecords,
      bufferBytes,
      metadataRoom: this.metadataRoom,
      buffer: this.buffer,
      slots: new SharedSlots(plan.perConsumer),
      events: this.events,
      watch: this.watch,
      capabilities: this.client.capabilities,
      handOffs: this.handOffs,
      flow: this.flow,
      commits: this.committer,
      adopt: (topic, source) => this.topology.adopt(topic, source),
      partitionFor: (topic, partition) => this.topology.partitionFor(topic, partition),
      pause: (partition) => this.membership.member?.pause([partition]),
      resume: (partition) => this.membership.member?.resume([partition]),
      recordAttempt: (failure: Failure | undefined) => {
        if (failure === undefined) metrics.recordAttemptWithSuccess();
        else if (isHandlerTimeout(failure.error)) metrics.recordAttemptWithTimeout();
        else metrics.recordAttemptWithError(failure.category);
      },
      warn: (message) => logger.warn(message),
      halt: die,
    };
  }

  #placeOf(topic: string): TopicPlace {
    const { source, tier } = this.subscription.route(topic) ?? { source: topic, tier: 0 };
    return { source, tier };
  }

  #makeReplayWatch({ plan, topicList, logger, clock }: ConsumerOptions): ReplayWatch {
    const { client, subscription, topology } = this;
    return new ReplayWatch({
      plan,
      subscription,
      watch: (watcher) => topicList.watch({ client, ...watcher }),
      partitionCount: (topic) => client.partitionCount(topic),
      follow: (topic, source) => topology.follow(topic, source),
      unfollow: (topic) => topology.unfollow(topic),
      onLooked: () => void this.membership.resubscribe(),
      logger,
      clock,
    });
  }

  #makeMembership({ plan, clock, clientOptions }: ConsumerOptions, life: Life): GroupMembership {
    return new GroupMembership({
      client: this.client,
      membership: () => ({
        groupId: plan.groupId,
        topics: this.subscription.topics,
        families: this.subscription.families,
        former: [...this.lanes].map(partitionOf),
        transactional: plan.handOff === 'transactional',
        // Lag is told of where the client has read to, whether there were records or not.
        tellsEnds: this.subscription.keepsKeyOrder || this.watch.isWatched,
        client: clientOptions,
      }),
      sink: this.#sink(clock),
      onJoining: (joining) => this.lanes.use(joining),
      rest: () => this.#comeToRest(clock),
      relieve: (error) => this.replays.relieve(error),
      onGone: () => this.lanes.suspend(),
      onCrashed: (error, restart, delay) => this.news.crashed(error, restart, delay, life.starting()),
      onRestarted: (restart) => this.news.restarted(restart),
      onLost: life.die,
      signal: life.signal,
      clock,
    });
  }

  #sink(clock: Clock): Omit<MemberSink, 'crashed'> {
    return {
      assignment: (partitions) => {
        this.#misassignments.assigned(partitions);
        const revoked = this.lanes.assign(partitions);
        if (revoked.length > 0) this.events.emit('revoked', { partitions: revoked });
        this.unread.assigned(partitions.filter(({ topic }) => this.subscription.route(topic) === undefined));
      },
      revoking: (partitions) => this.#revoking(partitions, clock),
      records: (topic, partition, records) => {
        this.watch.received?.({ topic, partition }, records.length);
        this.lanes.push(topic, partition, records);
      },
      reached: (partition, next) => this.lanes.reached(partition, next),
      lost: () => this.lanes.lose(),
      outOfRange: (partition) => this.lanes.outOfRange(partition),
    };
  }

  #commit(offsets: readonly PartitionOffset[]): Promise<void> {
    const commit = () => this.lanes.member.commit(offsets);
    return this.watch.operations?.commit(offsets, commit) ?? commit();
  }

  async #transact(handOvers: readonly HandOver[]): Promise<readonly TransactionOutcome[]> {
    const transact = async () => (await this.lanes.member.transactions?.transact(handOvers)) ?? [];
    return this.watch.operations?.transact(handOvers, transact) ?? transact();
  }

  #carryNothing(): void {
    if (this.metadataRoom.bytes > 0) this.news.metadataRefused();
    this.metadataRoom.bytes = 0;
  }

  async #revoking(partitions: readonly TopicPartition[], clock: Clock): Promise<void> {
    await within(REVOKE_LIMIT, this.lanes.rest(partitions), clock);
    if (this.#plan.handOff === 'transactional') await within(REVOKE_LIMIT, this.handOffs.idle(), clock);
    await within(REVOKE_LIMIT, this.committer.flush(), clock);
  }

  /** Copies on their way are waited for as well: what they stand for would be handled again where a partition goes to another member. */
  async #comeToRest(clock: Clock): Promise<void> {
    const rested = this.lanes.rest([...this.lanes].map(partitionOf)).then(() => this.handOffs.idle());
    await within(LEAVE_REST_LIMIT, rested, clock);
    await within(LEAVE_REST_LIMIT, this.committer.flush(), clock);
  }

  async #fit(partitions: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    const absent = await this.topology.fit(partitions);
    this.#misassignments.absent(absent);
    return absent;
  }
}
