import type { Clock, RetryMetrics } from '@velo/retry-core';
import {
  classifyKafkaError,
  type Duration,
  explainKafkaError,
  exponential,
  foreignMessage,
  isKafkaClientError,
  isVeloError,
  toMilliseconds,
  VeloError,
} from '@velo/retry-core';
import type {
  ClientBinding,
  HandOver,
  MemberSink,
  OutgoingRecord,
  PublishOutcome,
  TransactionFailure,
} from '../binding/binding.js';
import { within } from '../binding/deadline.js';
import { encodeHeaders } from '../binding/header-codec.js';
import { partitionOf, type TopicPartition } from '../binding/record.js';
import type { Failure } from '../failures/failure.js';
import type { LaneHost } from '../lanes/lane-host.js';
import { Lanes } from '../lanes/lanes.js';
import { SharedBuffer } from '../lanes/shared-buffer.js';
import { ContactWatch, explainSilence, type Silence } from '../observing/contact-watch.js';
import { type ConsumerEvent, Emitter, type Listener } from '../observing/events.js';
import { type ConsumerHealth, healthOf, type LifeState } from '../observing/health.js';
import { type RunningHandler, watchForStalls } from '../observing/stall-watch.js';
import { explainUnread, UnreadWatch } from '../observing/unread-watch.js';
import { Committer } from '../offsets/committer.js';
import type { Logger } from '../plan/config.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { HandOffs } from '../sending/hand-offs.js';
import { adviseOnRights, lacksRights, TopicPatience } from '../sending/patience.js';
import { RecordWriter } from '../sending/record-writer.js';
import { tooLarge } from '../sending/request-size.js';
import { TransactionalHandOffs } from '../sending/transactional-hand-offs.js';
import { UnansweredSends } from '../sending/unanswered-sends.js';
import { formerTiers } from '../topology/former-tiers.js';
import type { ConsumerRequirements, RequirementsOptions } from '../topology/requirements.js';
import { Topology } from '../topology/topology.js';
import type { WaitForTopicOptions } from '../topology/wait-for-topic.js';
import { explainConsumer } from './explain-consumer.js';
import { explainSlowStop, SLOW_STOP } from './explain-stop.js';
import { explainUnknownPositions } from './explain-unknown-positions.js';
import { GroupMembership } from './group-membership.js';
import { Misassignments } from './misassignments.js';

export interface VeloConsumer extends AsyncDisposable {
  /**
   * Waits for topics, joins the group, and resolves when the member's partitions have their start positions, or when it is
   * stopped after the first of them has begun. Aborting the signal stops the consumer, now or later.
   *
   * @throws {VeloError} if it could not join: the message says why and what to do
   */
  start(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * No new records; running handlers may finish; offsets are committed; the group is left; no timer and no socket
   * remains. Never rejects; twice is fine. A handler must not await it, since it waits for that handler.
   */
  stop(options?: {
    /** For running handlers and copies on their way. @default 30 s */ readonly timeout?:
      | Duration
      | undefined;
  }): Promise<void>;
  /** What will happen to a record that fails, for people. */
  explain(): string;
  /**
   * What an administrator must make for a consumer that may not create topics: topics, with partitions, replication and
   * configurations after their sources, and ACLs; as data, and as commands. Asks the brokers; what they do not tell is
   * left open. Never rejects. Before the start too.
   */
  requirements(options?: RequirementsOptions): Promise<ConsumerRequirements>;
  health(): ConsumerHealth;
  /** @returns a function that takes the listener away again */
  on<E extends ConsumerEvent>(event: E, listener: Listener<E>): () => void;
}

export interface ConsumerOptions {
  readonly plan: ConsumerPlan;
  readonly open: () => ClientBinding;
  readonly clientOptions: object | undefined;
  readonly waitForTopic: (
    client: ClientBinding,
    topic: string,
    options: Pick<WaitForTopicOptions, 'timeout' | 'created' | 'signal' | 'onWait'>,
  ) => Promise<number>;
  /** A topic of velo's own that would lose copies ends the start. */
  readonly strict: boolean;
  /** The names of all topics; those who ask at the same time share one answer. */
  readonly listTopics: (client: ClientBinding) => Promise<readonly string[]>;
  readonly clock: Clock;
  readonly metrics: RetryMetrics;
  readonly logger: Logger;
}

const HAND_OFF_BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** For the group's and the connections' own farewell, ms. */
const LEAVE_LIMIT = 10_000;
const STOP_LIMIT = 30_000;
/** For the running handlers of partitions that may move, ms. */
const REVOKE_LIMIT = 1_000;

export class Consumer implements VeloConsumer {
  readonly #options: ConsumerOptions;
  readonly #client: ClientBinding;
  readonly #events: Emitter;
  readonly #misassignments: Misassignments;
  readonly #lanes: Lanes;
  readonly #buffer: SharedBuffer;
  readonly #unanswered: UnansweredSends;
  readonly #handOffs: HandOffs;
  readonly #committer: Committer;
  readonly #topology: Topology;
  readonly #membership: GroupMembership;
  readonly #unread: UnreadWatch;
  readonly #contact: ContactWatch;
  /** When a broker last answered, ms since 1970. */
  #lastContact: number | undefined;
  readonly #life = new AbortController();
  #state: LifeState = 'idle';
  #error: VeloError | undefined;
  #firstSettled: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  /** When it was stopped, records were being handled, or could have been. */
  #hadBegun = false;
  #endWatch: (() => void) | undefined;

  constructor(options: ConsumerOptions) {
    const { plan, clock, logger } = options;
    this.#options = options;
    this.#client = options.open();
    this.#events = new Emitter((error) =>
      logger.error(`A listener of group ${plan.groupId} threw: ${foreignMessage(error)}`),
    );
    this.#misassignments = new Misassignments({ groupId: plan.groupId, events: this.#events, logger });
    this.#warnOfPositions();
    this.#buffer = new SharedBuffer(clock, plan.bufferTotalBytes);
    this.#unanswered = new UnansweredSends(this.#client, clock);
    this.#handOffs = this.#handOffsBy(plan.handOff);
    this.#committer = new Committer({
      clock,
      interval: plan.commitInterval,
      commit: (offsets) => this.#lanes.member.commit(offsets),
      onFailure: (error) => this.#events.emit('commitFailed', { error }),
    });
    this.#topology = new Topology({
      client: this.#client,
      plan,
      waitFor: (topic, created) =>
        options.waitForTopic(this.#client, topic, {
          timeout: plan.waitForTopics,
          created,
          signal: this.#life.signal,
          onWait: (wait) => this.#events.emit('wait', wait),
        }),
      warn: (message) => logger.warn(message),
      strict: options.strict,
      signal: this.#life.signal,
      clock,
    });
    this.#lanes = new Lanes({
      plan,
      client: this.#client,
      host: this.#laneHost(),
      prepare: async (partitions) => {
        const absent = await this.#topology.fit(partitions);
        this.#misassignments.absent(absent);
        return absent;
      },
      onSettled: (partitions) => this.#settled(partitions),
      onSettleFailed: (partitions, error, delay) => this.#settleFailed(partitions, error, delay),
    });
    this.#membership = new GroupMembership({
      client: this.#client,
      membership: () => ({
        groupId: plan.groupId,
        topics: [...plan.routes.keys()],
        families: plan.sources.map((source) => familyOf(source, plan)),
        former: [...this.#lanes].map(partitionOf),
        transactional: plan.handOff === 'transactional',
        client: options.clientOptions,
      }),
      sink: this.#sink(),
      onJoining: (joining) => this.#lanes.use(joining),
      onGone: () => this.#lanes.suspend(),
      onCrashed: (error, restart, delay) => {
        const what =
          this.#state === 'starting' ? 'could not start; the next try is' : 'has crashed; a new one starts';
        logger.warn(
          `The consumer of group ${plan.groupId} ${what} in ${delay} ms: ${foreignMessage(error)}${adviseOnRights(error, { groupId: plan.groupId })}`,
        );
        this.#events.emit('crashed', { error, restart, delay });
      },
      onRestarted: (restart) => this.#events.emit('restarted', { restart }),
      onLost: (error) => void this.#die(error),
      signal: this.#life.signal,
      clock,
    });
    const describe = this.#client.describeGroup;
    this.#contact = new ContactWatch({
      contact: () => this.#membership.member?.contact(),
      // The leaders, and the group's coordinator where it can be asked.
      ask: () =>
        Promise.all([...this.#client.offsets([...this.#lanes].map(partitionOf)), describe?.(plan.groupId)]),
      onChange: (silence) => this.#tellSilence(silence),
      onLost: (error) => this.#membership.renew(error),
      clock,
    });
    this.#unread = new UnreadWatch({
      topics: () => plan.routes.keys(),
      describe: describe && (() => describe(plan.groupId)),
      partitionCount: (topic) => this.#client.partitionCount(topic),
      onChange: (partitions) => this.#tellUnread(partitions),
      clock,
    });
  }

  async start({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (this.#state !== 'idle') {
      throw new VeloError(
        'VELO_CLOSED',
        `This consumer was started before (it is ${this.#state}); make a new one with velo.consumer().`,
      );
    }
    signal?.throwIfAborted();
    this.#state = 'starting';
    const abort = () => void this.stop();
    signal?.addEventListener('abort', abort, { once: true });
    this.#life.signal.addEventListener('abort', () => signal?.removeEventListener('abort', abort), {
      once: true,
    });
    try {
      const settled = new Promise<void>((resolve, reject) => {
        this.#firstSettled = resolve;
        this.#life.signal.addEventListener('abort', () => reject(this.#life.signal.reason), { once: true });
      });
      settled.catch(() => {});
      await this.#membership.join({
        run: () => this.#prepare(),
        isFinal: (error) => this.#isFinal(error),
      });
      await settled;
    } catch (error) {
      // A handler may have stopped it, and may wait for that.
      if (this.#error === undefined && this.#hadBegun) return;
      if (this.#stopping === undefined) await this.#die(error);
      else await this.#stopping;
      // If it was stopped meanwhile, that is the reason, not what the client says to it.
      throw this.#error ?? this.#life.signal.reason;
    }
    if (!this.#life.signal.aborted) this.#watch();
  }

  stop({ timeout = STOP_LIMIT }: { readonly timeout?: Duration | undefined } = {}): Promise<void> {
    this.#stopping ??= this.#shutDown(toMilliseconds(timeout, 'timeout'), 'stopped');
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  explain(): string {
    const { transactions } = this.#client.capabilities;
    return explainConsumer(this.#options.plan, transactions, this.#lanes.size, this.#topology.faults);
  }

  requirements(options?: RequirementsOptions): Promise<ConsumerRequirements> {
    return this.#topology.requirements(options);
  }

  health(): ConsumerHealth {
    return healthOf({
      state: this.#state,
      restarting: this.#membership.restarting,
      error: this.#error,
      restarts: this.#membership.restarts,
      lanes: this.#lanes,
      pendingHandOffs: this.#handOffs.pending,
      failing: this.#lanes.failing || this.#handOffs.failing || this.#committer.failing,
      unread: this.#unread.unread,
      disconnected: this.#contact.silence !== undefined,
      lastContact: this.#lastAnswer(),
      stallAfter: this.#options.plan.stallAfter,
      now: this.#options.clock.now(),
    });
  }

  on<E extends ConsumerEvent>(event: E, listener: Listener<E>): () => void {
    return this.#events.on(event, listener);
  }

  #warnOfPositions(): void {
    const { logger } = this.#options;
    this.#events.on('positionReset', ({ explanation }) => logger.warn(explanation));
    this.#events.on('offsetOutOfRange', ({ topic, partition, from, to, passedOver, explanation }) =>
      logger.warn(
        explanation ??
          `Records of ${topic}, partition ${partition}, were deleted before they were read: it goes on at ${to} instead of ${from}, and ${passedOver} are missed at the most.`,
      ),
    );
  }

  async #prepare(): Promise<void> {
    await this.#topology.prepare();
    const { plan } = this.#options;
    const names = await this.#options.listTopics(this.#client);
    for (const route of formerTiers(names, plan)) plan.routes.set(route.topic, route);
  }

  /** What is missing is waited for as long as the configuration says, and so are brokers where it gives them time. */
  #isFinal(error: unknown): boolean {
    if (classifyKafkaError(error).category === 'TopicMissing' || isVeloError(error, 'VELO_TOPOLOGY'))
      return true;
    return this.#options.plan.waitForTopics > 0 && isVeloError(error, 'VELO_TIMEOUT');
  }

  #laneHost(): LaneHost {
    const { plan, clock, metrics } = this.#options;
    return {
      clock,
      groupId: plan.groupId,
      events: this.#events,
      capabilities: this.#client.capabilities,
      handOffs: this.#handOffs,
      bufferRecords: plan.bufferRecords,
      bufferBytes: plan.bufferBytes,
      buffer: this.#buffer,
      adopt: (topic, source) => this.#topology.adopt(topic, source),
      partitionFor: (topic, partition) => this.#topology.partitionFor(topic, partition),
      pause: (partition) => this.#membership.member?.pause([partition]),
      resume: (partition) => this.#membership.member?.resume([partition]),
      finished: (lane, soon) => this.#committer.mark(lane, soon),
      recordTry: (failure: Failure | undefined) => {
        if (failure === undefined) metrics.recordAttemptWithSuccess();
        else metrics.recordAttemptWithError(failure.category);
      },
      halt: (error) => void this.#die(error),
    };
  }

  /** Copies, all to one partition: as wide as their topic is now, in headers that the client can carry. */
  #handOffsBy(mode: ConsumerPlan['handOff']): HandOffs {
    const { clock, logger } = this.#options;
    const { capabilities } = this.#client;
    const common = {
      clock,
      strategy: HAND_OFF_BACKOFF,
      patience: new TopicPatience(clock),
      onRetry: ({ topic, partition }: OutgoingRecord, error: unknown, delay: number) => {
        const explanation = explainKafkaError(error, { topic });
        if (lacksRights(error))
          logger.warn(
            `Copies to ${topic}, partition ${partition}, are refused; next try in ${delay} ms: ${foreignMessage(error)}${adviseOnRights(error, { topic })}`,
          );
        this.#events.emit('publishFailed', { topic, partition, error, delay, explanation });
        if (classifyKafkaError(error).category === 'TopicMissing') this.#topology.doubt(topic);
      },
    };
    if (mode === 'at-least-once')
      return new RecordWriter({ ...common, capabilities, publish: (records) => this.#publish(records) });
    return new TransactionalHandOffs({
      ...common,
      scope: capabilities.transactions?.scope ?? 'by-member',
      ready: (handOver) => this.#readied(handOver),
      transact: async (handOvers) => (await this.#lanes.member.transactions?.transact(handOvers)) ?? [],
      judge: (copy, error) => this.#unanswered.judge(copy, error),
      quiet: () => this.#committer.quiet(),
      reopen: (lane) => this.#lanes.reopen(lane),
      onHopeless: (error) => void this.#die(error),
    });
  }

  async #publish(records: readonly OutgoingRecord[]): Promise<readonly PublishOutcome[]> {
    await this.#topology.ready((records[0] as OutgoingRecord).topic);
    const outcomes = await this.#client.publish(records.map((record) => this.#fit(record)));
    return this.#unanswered.judgeAll(records, outcomes);
  }

  async #readied({ offset, copies }: HandOver): Promise<HandOver | TransactionFailure> {
    for (const topic of new Set(copies.map((copy) => copy.topic))) {
      try {
        await this.#topology.ready(topic);
      } catch (error) {
        const suspects = [...copies.keys()].filter((i) => copies[i]?.topic === topic);
        return { committed: false, error, suspects };
      }
    }
    for (const [i, copy] of copies.entries()) {
      const error = tooLarge(copy, this.#client.capabilities);
      if (error !== undefined) return { committed: false, error, suspects: [i] };
    }
    return { offset, copies: copies.map((copy) => this.#fit(copy)) };
  }

  /** As the client and the topic can take it; stamped by the clock that its due time is reckoned by. */
  #fit(record: OutgoingRecord): OutgoingRecord {
    return {
      ...record,
      timestamp: this.#options.clock.wallTime(),
      partition: this.#topology.partitionFor(record.topic, record.partition),
      headers: encodeHeaders(record.headers, this.#client.capabilities),
    };
  }

  #sink(): Omit<MemberSink, 'crashed'> {
    return {
      assignment: (partitions) => {
        this.#misassignments.assigned(partitions);
        const revoked = this.#lanes.assign(partitions);
        if (revoked.length > 0) this.#events.emit('revoked', { partitions: revoked });
        const { routes } = this.#options.plan;
        this.#unread.assigned(partitions.filter(({ topic }) => !routes.has(topic)));
      },
      revoking: (partitions) => this.#revoking(partitions),
      records: (topic, partition, records) => this.#lanes.push(topic, partition, records),
      lost: () => this.#lanes.lose(),
      outOfRange: (partition) => this.#lanes.outOfRange(partition),
    };
  }

  async #revoking(partitions: readonly TopicPartition[]): Promise<void> {
    const resting = this.#lanes.rest(partitions);
    await within(REVOKE_LIMIT, resting, this.#options.clock);
    if (this.#options.plan.handOff === 'transactional')
      await within(REVOKE_LIMIT, this.#handOffs.idle(), this.#options.clock);
    await within(REVOKE_LIMIT, this.#committer.flush(), this.#options.clock);
  }

  #settled(partitions: readonly TopicPartition[]): void {
    this.#membership.settled();
    this.#committer.renew();
    if (this.#state === 'starting') this.#state = 'running';
    this.#events.emit('assigned', { partitions });
    this.#firstSettled?.();
  }

  #settleFailed(partitions: readonly TopicPartition[], error: unknown, delay: number): boolean {
    const { retry, action } = classifyKafkaError(error);
    const helps = !isVeloError(error, 'VELO_NOT_SUPPORTED');
    // A commit that a rebalance refuses says nothing against the member: the next assignment settles it.
    const passes = helps && (retry || action === 'restart-client' || this.#membership.bears(error));
    if (!passes) {
      void this.#die(error);
      return false;
    }
    const { plan, logger } = this.#options;
    const explanation = explainUnknownPositions(plan.groupId, partitions, error, delay);
    logger.warn(explanation);
    this.#events.emit('positionFailed', { partitions, error, delay, explanation });
    return true;
  }

  #tellUnread(partitions: readonly TopicPartition[]): void {
    const { plan, logger } = this.#options;
    const over = partitions.length === 0;
    const explanation = over
      ? `All partitions of group "${plan.groupId}" are read again.`
      : explainUnread(plan.groupId, partitions);
    if (over) logger.info(explanation);
    else logger.warn(explanation);
    this.#events.emit('unread', { partitions, explanation });
  }

  /** Of this member, or of the one before it. */
  #lastAnswer(): number | undefined {
    const since = this.#membership.member?.contact().sinceAnswer;
    if (since !== undefined) this.#lastContact = this.#options.clock.wallTime() - since;
    return this.#lastContact;
  }

  #tellSilence(silence: Silence | undefined): void {
    const { plan, logger } = this.#options;
    const explanation = silence
      ? explainSilence(plan.groupId, silence)
      : `All brokers answer the member of group "${plan.groupId}" again.`;
    if (silence) logger.warn(explanation);
    else logger.info(explanation);
    this.#events.emit('disconnected', { from: silence?.from, silent: silence?.time ?? 0, explanation });
  }

  #watch(): void {
    this.#contact.start();
    const { plan, clock } = this.#options;
    this.#endWatch = watchForStalls({
      running: () => this.#running(),
      stallAfter: plan.stallAfter,
      onStall: ({ context: { record, tier, totalAttempts } }, running) =>
        this.#events.emit('stalled', { record, tier, totalAttempts, running }),
      clock,
    });
  }

  async #die(error: unknown): Promise<void> {
    if (this.#state === 'dead' || this.#state === 'stopped') return;
    const { groupId } = this.#options.plan;
    const explanation = this.#explainEnd(error);
    this.#error = isVeloError(error)
      ? error
      : new VeloError('VELO_CONSUMER_DEAD', explanation, { cause: error });
    this.#state = 'dead';
    this.#options.logger.error(`The consumer of group ${groupId} is dead: ${explanation}`);
    this.#events.emit('dead', { error, explanation });
    this.#stopping ??= this.#shutDown(STOP_LIMIT, 'dead');
    await this.#stopping;
  }

  /** For people: what velo has written for them as it is, else what Kafka's error means here. */
  #explainEnd(error: unknown): string {
    if (isVeloError(error) && error.code !== 'VELO_CLIENT') return error.message;
    if (!isKafkaClientError(error)) return foreignMessage(error);
    const explanation = explainKafkaError(error, { groupId: this.#options.plan.groupId });
    if (classifyKafkaError(error).category !== 'AuthenticationIssue') return explanation;
    return `${explanation}\n${this.#topology.rights()}`;
  }

  async #shutDown(timeout: number, end: 'stopped' | 'dead'): Promise<void> {
    const { clock } = this.#options;
    if (end === 'stopped' && this.#state !== 'dead') this.#state = 'stopping';
    this.#hadBegun = [...this.#lanes].some(({ opened }) => opened);
    this.#life.abort(new VeloError('VELO_ABORTED', 'The consumer was stopped.'));
    this.#endWatch?.();
    this.#unread.close();
    this.#contact.close();
    const drained = this.#lanes.drain().then(() => this.#handOffs.idle());
    const endHint = clock.schedule(SLOW_STOP, () => this.#hintAtSlowStop(timeout - SLOW_STOP));
    const finished = await within(timeout, drained, clock);
    endHint();
    await within(LEAVE_LIMIT, this.#committer.flush(), clock);
    this.#lanes.close('The consumer was stopped.');
    this.#handOffs.close();
    this.#buffer.close();
    this.#committer.close();
    await this.#membership.leave();
    await within(LEAVE_LIMIT, this.#client.close(), clock);
    if (this.#state !== 'dead') this.#state = 'stopped';
    this.#events.emit('stopped', { finished: finished !== false });
  }

  /** @param left until it is given up, ms */
  #hintAtSlowStop(left: number): void {
    const { plan, logger } = this.#options;
    const { groupId } = plan;
    const running = this.#running();
    logger.warn(explainSlowStop({ groupId, running, copies: this.#handOffs.pending, left }));
  }

  #running(): RunningHandler[] {
    return [...this.#lanes].flatMap(({ running }) => running ?? []);
  }
}

/** A source and its tiers: partitions of one number are best at one member. */
function familyOf(source: string, { routes }: ConsumerPlan): string[] {
  const tiers = [...routes.values()].filter((route) => route.source === source && route.topic !== source);
  return [source, ...tiers.map(({ topic }) => topic)];
}
