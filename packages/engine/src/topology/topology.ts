// One file, since all of it asks and changes what is known of a topic.
import { type Clock, foreignMessage, formatDuration, VeloError } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import { isMissingTopic } from '../failures/client-error.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { deadLettersOf, type OwnTopic, ownTopics, together } from './own-topics.js';
import { countBeyond, grow } from './partition-growth.js';
import {
  type ConsumerRequirements,
  type KnownSource,
  type RequirementsOptions,
  requirementsOf,
  rightsOf,
} from './requirements.js';
import type { TopicFault } from './topic-faults.js';
import { TopicInspection } from './topic-inspection.js';
import { TopicMaker, type WantedTopic } from './topic-maker.js';
import { narrower, refuseUneven } from './uneven.js';

/** A topic that was there is waited for so long, ms, unless `waitForTopics` says how long; then copies go elsewhere. */
const MISSING_LIMIT = 30_000;

export interface TopologyOptions {
  readonly client: ClientBinding;
  readonly plan: ConsumerPlan;
  /** Waits for a topic as long as is configured, longer for one that was just created; gives back its partition count. */
  readonly waitFor: (topic: string, created: boolean) => Promise<number>;
  readonly warn: (message: string) => void;
  /** A topic that loses copies is refused. */
  readonly strict: boolean;
  /** Aborted when the consumer stops. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Keeps velo's own topics: there, and as wide as their sources. */
export class Topology {
  readonly #options: TopologyOptions;
  readonly #maker: TopicMaker;
  readonly #inspection: TopicInspection;
  readonly #own: Map<string, OwnTopic>;
  /** Of topics that are read where they exist, and never made here: whose records they hold. */
  readonly #followed = new Map<string, string>();
  /** Partitions of each topic, sources included. */
  readonly #counts = new Map<string, number>();
  readonly #making = new Map<string, Promise<void>>();
  /** When a topic that was there was last found missing, by the clock's `now`, ms. */
  readonly #lost = new Map<string, number>();

  constructor(options: TopologyOptions) {
    this.#options = options;
    this.#maker = new TopicMaker(options);
    const { plan, warn, strict } = options;
    this.#inspection = new TopicInspection({ groupId: plan.groupId, maker: this.#maker, warn, strict });
    this.#own = new Map(ownTopics(options.plan).map((own) => [own.topic, own]));
  }

  /** The partition of velo's own topic for a source's partition: the same, unless the topic could not grow. */
  partitionFor(topic: string, partition: number): number {
    const count = this.#counts.get(topic) ?? 0;
    return count > 0 && partition >= count ? partition % count : partition;
  }

  /**
   * Waits for the sources, then creates or grows what is needed.
   *
   * @throws {VeloError} `VELO_TOPOLOGY`, with all that an administrator must make, where velo may not create topics
   */
  async prepare(): Promise<void> {
    const { plan, waitFor } = this.#options;
    for (const source of plan.sources) this.#counts.set(source, await waitFor(source, false));
    try {
      const found = await this.#findTogether();
      for (const [own, count] of found) await this.#ensure(own, count);
      refuseUneven(plan, this.#counts);
      await this.#inspection.inspect([...found.keys()].filter((own) => found.get(own) !== 'created'));
    } catch (error) {
      if (plan.createTopics || !isMissingTopic(error)) throw error;
      const { text } = await this.requirements();
      throw new VeloError(
        'VELO_TOPOLOGY',
        `Topics of consumer group ${plan.groupId} are missing (${foreignMessage(error)}). Nothing is lost: nothing was read. With topology.create 'never' an administrator must make them:\n${text}`,
        { cause: error },
      );
    }
  }

  /** What an administrator must make; parts that the brokers do not tell are left open. Never rejects. */
  async requirements(options?: RequirementsOptions): Promise<ConsumerRequirements> {
    const { plan } = this.#options;
    const sources = await Promise.all(
      plan.sources.map(async (source) => [source, await this.#known(source)] as const),
    );
    const own = [...this.#own.values()];
    return requirementsOf(plan, own, new Map(sources), await this.#inspection.compare(own), options);
  }

  /** What was found wrong with topics of velo's own at the start. */
  get faults(): readonly TopicFault[] {
    return this.#inspection.faults;
  }

  /** What this consumer's user must be allowed, as commands. */
  rights(): string {
    return rightsOf(this.#options.plan, [...this.#own.values()]);
  }

  /** Dead letters of a source go to a topic that may not be known yet. */
  adopt(topic: string, source: string): void {
    const known = this.#own.get(topic);
    if (known?.sources.includes(source)) return;
    this.#own.set(topic, together(known, deadLettersOf(this.#options.plan, topic, source)));
    this.#counts.delete(topic);
  }

  /**
   * A topic that is read for as long as it exists, and never made here: as wide as its source from now on, where it may be changed.
   *
   * @returns how many partitions it has; 0 if it does not exist
   */
  async follow(topic: string, source: string): Promise<number> {
    this.#followed.set(topic, source);
    const count = await this.#options.client.partitionCount(topic);
    return this.#widen(topic, count, this.#counts.get(source) ?? 1);
  }

  unfollow(topic: string): void {
    this.#followed.delete(topic);
  }

  /**
   * To be awaited before copies are sent to a topic of velo's own: one that is not known, or has been doubted, is looked
   * at, and made where velo may. `undefined` if there is nothing to do.
   *
   * @throws {VeloError} `VELO_TOPOLOGY` if there is no hope for it
   */
  ready(topic: string): Promise<void> | undefined {
    const own = this.#own.get(topic);
    if (own === undefined || this.#counts.has(topic)) return undefined;
    const making = this.#making.get(topic) ?? this.#find(own).finally(() => this.#making.delete(topic));
    this.#making.set(topic, making);
    return making;
  }

  /** The brokers have told a copy that there is no such partition: the topic is looked at before the next send. */
  doubt(topic: string): void {
    if (this.#own.has(topic) && this.#counts.delete(topic)) this.#lost.set(topic, this.#options.clock.now());
  }

  /**
   * Called with each assignment: a source that has grown makes its tiers and dead-letter topic grow first.
   *
   * @returns those of the partitions that the brokers do not have, or not yet
   */
  async fit(partitions: readonly TopicPartition[]): Promise<readonly TopicPartition[]> {
    const beyond = new Map<string, number>();
    for (const { topic, partition } of partitions) {
      if (this.#has(topic, partition)) continue;
      beyond.set(topic, Math.max(partition, beyond.get(topic) ?? 0));
    }
    for (const [topic, partition] of beyond) {
      this.#counts.set(topic, await countBeyond(topic, partition, this.#options));
      for (const own of this.#own.values()) if (own.sources.includes(topic)) await this.#look(own);
      for (const [followed, source] of this.#followed)
        if (source === topic) await this.follow(followed, source);
    }
    return partitions.filter(({ topic, partition }) => !this.#has(topic, partition));
  }

  /** Whether the topic has the partition, by what is known of it. */
  #has(topic: string, partition: number): boolean {
    return partition < (this.#counts.get(topic) ?? Number.POSITIVE_INFINITY);
  }

  async #find(own: OwnTopic): Promise<void> {
    const { plan, clock } = this.#options;
    const { topic } = own;
    try {
      await this.#look(own);
    } catch (error) {
      if (!isMissingTopic(error)) throw error;
      const limit = plan.waitForTopics || MISSING_LIMIT;
      const since = this.#lost.get(topic);
      if (since !== undefined && clock.now() - since < limit) throw error;
      const state = since === undefined ? 'does not exist' : `has been missing for ${formatDuration(limit)}`;
      throw new VeloError(
        'VELO_TOPOLOGY',
        `The topic ${topic} ${state}, and velo cannot make it. Nothing is lost: records that need it wait, or 'refused' decides of them. Create it, or let velo do so; consumer.requirements() tells how.`,
        {
          cause: error,
        },
      );
    }
  }

  async #look(own: OwnTopic): Promise<void> {
    const count = await this.#options.client.partitionCount(own.topic);
    await this.#ensure(own, count);
  }

  /** @param found its partition count; `created` if it was created just now */
  async #ensure(own: OwnTopic, found: number | 'created'): Promise<void> {
    const { plan, waitFor } = this.#options;
    const { topic } = own;
    const needed = this.#needed(own);
    let count = found === 'created' ? 0 : found;
    if (count === 0) {
      const created =
        found === 'created' || (plan.createTopics && (await this.#maker.create({ own, partitions: needed })));
      count = await waitFor(topic, created);
    }
    this.#counts.set(topic, await this.#widen(topic, count, needed));
  }

  /** @returns how many partitions it has then */
  async #widen(topic: string, count: number, needed: number): Promise<number> {
    const { plan, warn, signal } = this.#options;
    if (count === 0 || count >= needed) return count;
    try {
      if (plan.createTopics) {
        await grow(topic, needed, this.#options);
        return needed;
      }
      warn(narrower(topic, count, needed, 'velo may not change topics here'));
    } catch (error) {
      if (signal.aborted) throw error;
      warn(narrower(topic, count, needed, foreignMessage(error)));
    }
    return count;
  }

  #wanted(own: OwnTopic): WantedTopic {
    return { own, partitions: this.#needed(own) };
  }

  /** As many partitions as its widest source. */
  #needed({ sources }: OwnTopic): number {
    return Math.max(...sources.map((source) => this.#counts.get(source) ?? 1));
  }

  /** The partition counts of velo's own topics. What is missing is created in one request. */
  async #findTogether(): Promise<ReadonlyMap<OwnTopic, number | 'created'>> {
    const { client, plan } = this.#options;
    const own = [...this.#own.values()];
    const counts = await Promise.all(own.map(({ topic }) => client.partitionCount(topic)));
    const missing = own.filter((_, i) => counts[i] === 0);
    const created =
      plan.createTopics &&
      missing.length > 0 &&
      (await this.#maker.createTogether(missing.map((one) => this.#wanted(one))));
    return new Map(
      own.map((one, i) => [one, created && counts[i] === 0 ? 'created' : (counts[i] as number)]),
    );
  }

  async #known(source: string): Promise<KnownSource> {
    const [partitions, description] = await Promise.all([
      this.#options.client.partitionCount(source).catch(() => 0),
      this.#maker.describe(source),
    ]);
    return { ...description, partitions: partitions || undefined };
  }
}
