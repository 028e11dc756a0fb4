// One file, since a consumer's methods are the ways from one of its states to another.
import {
  checkNames,
  explainKafkaError,
  foreignMessage,
  isKafkaClientError,
  isVeloError,
  VeloError,
} from '@velo/retry-core';
import type { TopicPartition } from '../binding/record.js';
import { isMissingTopic, needsRights, passes } from '../failures/client-error.js';
import type { ConsumerEvent, Listener } from '../observing/events.js';
import type { ConsumerGauges } from '../observing/gauges.js';
import { type ConsumerHealth, healthOf, type LastError, type LifeState } from '../observing/health.js';
import type { PartitionLag } from '../observing/lag.js';
import { keepLastError } from '../observing/last-error.js';
import { type RunningHandler, watchForStalls } from '../observing/stall-watch.js';
import { formerTiers } from '../plan/former-tiers.js';
import type { ConsumerRequirements, RequirementsOptions } from '../topology/requirements.js';
import { type ConsumerOptions, ConsumerParts } from './consumer-parts.js';
import { explainConsumer } from './explain-consumer.js';
import { shutDown } from './shut-down.js';
import { type StopLimits, type StopOptions, stopLimits } from './stop-limits.js';
import type { VeloConsumer } from './velo-consumer.js';

/** Of what ends a consumer for good. */
const NOTHING_LOST =
  'Nothing is lost: what is not committed is read again. Mend the cause, then make a new consumer, or start the process again.';

/**
 * One consumer's life: it starts once, runs, and ends once, by `stop` or because it cannot go on.
 */
export class Consumer implements VeloConsumer {
  readonly #options: ConsumerOptions;
  readonly #parts: ConsumerParts;
  readonly #life = new AbortController();
  #state: LifeState = 'idle';
  #error: VeloError | undefined;
  #firstSettled: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  /** Whether records were being handled, or could have been, when it was stopped. */
  #hadBegun = false;
  #endWatch: (() => void) | undefined;
  readonly #lastError: () => LastError | undefined;
  /** When a broker last answered, ms since 1970. */
  #lastContact: number | undefined;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#parts = new ConsumerParts(options, {
      signal: this.#life.signal,
      starting: () => this.#state === 'starting',
      settled: (partitions) => this.#settled(partitions),
      settleFailed: (partitions, error, delay) => this.#settleFailed(partitions, error, delay),
      die: (error) => void this.#die(error),
      gauges: () => this.#gauges(),
      lag: () => this.#lag(),
    });
    this.#lastError = keepLastError(this.#parts.events, options.clock);
  }

  async start(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    checkNames(options, { signal: true }, 'start()');
    const { signal } = options;
    if (this.#state !== 'idle') {
      throw new VeloError(
        'VELO_CLOSED',
        `This consumer of group ${this.#options.plan.groupId} was started before (it is ${this.#state}), and starts once only. Nothing has changed by this call. Make a new one with velo.consumer().`,
      );
    }
    signal?.throwIfAborted();
    this.#state = 'starting';
    this.#parts.context.capture();
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
      await this.#parts.membership.join({
        run: () => this.#prepare(),
        isFinal: (error) => this.#isWaitOver(error),
      });
      await settled;
    } catch (error) {
      // A handler may have stopped it, and may wait for that.
      if (this.#error === undefined && this.#hadBegun) return;
      if (this.#stopping === undefined) await this.#die(error);
      else await this.#stopping;
      // If it was stopped meanwhile, that is the reason, and not the error that the client makes of it.
      throw this.#error ?? this.#life.signal.reason;
    }
    if (!this.#life.signal.aborted) this.#watch();
  }

  stop(options?: StopOptions): Promise<void> {
    const limits = stopLimits(options, 'stop()');
    this.#stopping ??= this.#shutDown(limits, 'stopped');
    return this.#stopping;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  pause(topics?: readonly string[]): void {
    this.#parts.flow.pause(topics);
  }

  resume(topics?: readonly string[]): void {
    this.#parts.flow.resume(topics);
  }

  explain(): string {
    const { client, lanes, topology, subscription } = this.#parts;
    return explainConsumer({
      plan: this.#options.plan,
      origins: this.#options.origins,
      transactions: client.capabilities.transactions,
      partitions: lanes.size,
      faults: topology.faults,
      former: subscription.former,
      replays: subscription.replays,
    });
  }

  requirements(options?: RequirementsOptions): Promise<ConsumerRequirements> {
    checkNames(options, { principal: true, bootstrapServers: true }, 'requirements()');
    return this.#parts.topology.requirements(options);
  }

  health(): ConsumerHealth {
    const { membership, lanes, handOffs, committer, unread, contact, flow } = this.#parts;
    return healthOf({
      state: this.#state,
      restarting: membership.restarting,
      error: this.#error,
      restarts: membership.restarts,
      lanes,
      pendingHandOffs: handOffs.pending,
      failing: lanes.failing || handOffs.failing || committer.failing,
      unread: unread.unread,
      held: flow.held,
      scattered: lanes.scattered,
      waitingKeys: lanes.waitingKeys,
      disconnected: contact.silence !== undefined,
      lastContact: this.#lastAnswer(),
      lastError: this.#lastError(),
      stallAfter: this.#options.plan.stallAfter,
      now: this.#options.clock.now(),
    });
  }

  on<E extends ConsumerEvent>(event: E, listener: Listener<E>): () => void {
    return this.#parts.events.on(event, listener);
  }

  #gauges(): ConsumerGauges {
    const { lanes, flow } = this.#parts;
    const health = this.health();
    const { lastContact } = health;
    const sinceContact = lastContact && this.#options.clock.wallTime() - lastContact;
    const buffers = [...lanes].map(({ topic, partition, load }) => ({ topic, partition, ...load }));
    return { health, sinceContact, buffers, sources: flow.gauges };
  }

  /** Of the partitions that it reads. Asks the brokers, once in 10 s at most; never rejects. */
  async #lag(): Promise<readonly PartitionLag[]> {
    return this.#state === 'running' ? this.#parts.lag.read() : [];
  }

  async #prepare(): Promise<void> {
    const { topology, subscription, springGroups, replays, client } = this.#parts;
    await topology.prepare();
    const names = await this.#options.topicList.ask(client);
    subscription.add(formerTiers(names, this.#options.plan));
    await replays.found(names);
    springGroups.tellOfUnread(names, (topic) => subscription.route(topic) !== undefined);
  }

  /**
   * Whether the error means that a wait is over that is not begun again: missing topics were waited for as long as
   * the configuration says, and so were brokers where `waitForTopics` gives them time.
   */
  #isWaitOver(error: unknown): boolean {
    if (isMissingTopic(error) || isVeloError(error, 'VELO_TOPOLOGY')) return true;
    return this.#options.plan.waitForTopics > 0 && isVeloError(error, 'VELO_TIMEOUT');
  }

  #settled(partitions: readonly TopicPartition[]): void {
    const { membership, committer, events } = this.#parts;
    membership.settled();
    committer.renew();
    if (this.#state === 'starting') this.#state = 'running';
    events.emit('assigned', { partitions });
    this.#firstSettled?.();
  }

  #settleFailed(partitions: readonly TopicPartition[], error: unknown, delay: number): boolean {
    // A commit that a rebalance refuses says nothing against the member: the next assignment settles it.
    if (this.#parts.replays.refuse(error)) {
      void this.#parts.membership.resubscribe();
      return true;
    }
    const hopeful = passes(error) || this.#parts.membership.bears(error);
    if (hopeful) this.#parts.news.positionFailed(partitions, error, delay);
    else void this.#die(error);
    return hopeful;
  }

  /** When a broker last answered this member, or the one before it. */
  #lastAnswer(): number | undefined {
    const since = this.#parts.membership.member?.contact().sinceAnswer;
    if (since !== undefined) this.#lastContact = this.#options.clock.wallTime() - since;
    return this.#lastContact;
  }

  #watch(): void {
    const { contact, spring, topicWatch, replays, events } = this.#parts;
    const { plan, clock } = this.#options;
    contact.start();
    spring.start();
    topicWatch.start();
    replays.start();
    this.#endWatch = watchForStalls({
      running: () => this.#running(),
      stallAfter: plan.stallAfter,
      onStall: ({ context: { record, tier, totalAttempts } }, running) =>
        events.emit('stalled', { record, tier, totalAttempts, running }),
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
    this.#options.logger.error(`The consumer of group ${groupId} is dead: ${explanation}`, { event: 'dead' });
    this.#parts.events.emit('dead', { error, explanation });
    this.#stopping ??= this.#shutDown(stopLimits({}, 'stop()'), 'dead');
    await this.#stopping;
  }

  /** For people: what velo has written for them as it is, else what Kafka's error means here. */
  #explainEnd(error: unknown): string {
    if (isVeloError(error) && error.code !== 'VELO_CLIENT') return error.message;
    if (!isKafkaClientError(error)) return `${foreignMessage(error)}\n${NOTHING_LOST}`;
    const explanation = `${explainKafkaError(error, { groupId: this.#options.plan.groupId })}\n${NOTHING_LOST}`;
    return needsRights(error) ? `${explanation}\n${this.#parts.topology.rights()}` : explanation;
  }

  #stopped(): VeloError {
    return new VeloError(
      'VELO_ABORTED',
      `The consumer of group ${this.#options.plan.groupId} was stopped. Nothing is lost: what is not committed is read again by whoever has its partitions next. To read on here, make a new consumer.`,
    );
  }

  async #shutDown(limits: StopLimits, end: 'stopped' | 'dead'): Promise<void> {
    const { clock, plan, logger } = this.#options;
    const { lanes, events } = this.#parts;
    if (end === 'stopped' && this.#state !== 'dead') this.#state = 'stopping';
    this.#hadBegun = [...lanes].some(({ opened }) => opened);
    this.#life.abort(this.#stopped());
    this.#endWatch?.();
    const { groupId } = plan;
    const finished = await shutDown(this.#parts, limits, {
      groupId,
      clock,
      logger,
      running: () => this.#running(),
    });
    this.#parts.log.close();
    if (this.#state !== 'dead') this.#state = 'stopped';
    events.emit('stopped', { finished });
  }

  #running(): RunningHandler[] {
    return [...this.#parts.lanes].flatMap(({ running }) => running);
  }
}
