import { explainKafkaError } from '../errors/explain-kafka-error.js';
import { messageOf, VeloError } from '../velo-error.js';
import type { ClientBinding, TopicDescription, TopicSpec } from './binding.js';
import { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from './header-profiles/bounds.js';
import type { ConsumerPlan } from './plan.js';
import type { TopicPartition } from './record.js';

/** A topic of velo's own. */
export interface OwnTopic {
  readonly topic: string;
  readonly kind: 'tier' | 'dead-letter';
  /** The topics whose records it takes. */
  readonly sources: readonly string[];
  /** Of a tier, ms. */
  readonly wait: number;
}

/** Until all brokers know of a topic that was created, ms. */
const CREATED_LIMIT = 30_000;

/** A late copy must outlive the wait by outages and slow consumers. */
const RETENTION_SLACK = 7 * 86_400_000;

export function ownTopics(plan: ConsumerPlan): OwnTopic[] {
  const topics = new Map<string, OwnTopic>();
  const add = (topic: string, kind: OwnTopic['kind'], source: string, wait: number) => {
    const sources = topics.get(topic)?.sources ?? [];
    topics.set(topic, {
      topic,
      kind,
      wait,
      sources: sources.includes(source) ? sources : [...sources, source],
    });
  };
  for (const { topic, tier, source, wait, exhausted } of plan.routes.values()) {
    if (tier > 0) add(topic, 'tier', source, wait);
    if (exhausted.action === 'dead-letter') add(exhausted.topic, 'dead-letter', source, 0);
  }
  return [...topics.values()].sort((a, b) =>
    a.kind === b.kind ? a.wait - b.wait : a.kind === 'tier' ? -1 : 1,
  );
}

export interface TopologyOptions {
  readonly client: ClientBinding;
  readonly plan: ConsumerPlan;
  /** Waits for a topic, as long as is configured and at least `atLeast` ms; gives back its partition count. */
  readonly waitFor: (topic: string, atLeast?: number) => Promise<number>;
  readonly warn: (message: string) => void;
}

/** Keeps velo's own topics: there, and as wide as their sources. */
export class Topology {
  readonly #options: TopologyOptions;
  readonly #own: readonly OwnTopic[];
  /** Partitions of each topic, sources included. */
  readonly #counts = new Map<string, number>();

  constructor(options: TopologyOptions) {
    this.#options = options;
    this.#own = ownTopics(options.plan);
  }

  /** The partition of velo's own topic for a source's partition: the same, unless the topic could not grow. */
  partitionFor(topic: string, partition: number): number {
    const count = this.#counts.get(topic) ?? 0;
    return count > 0 && partition >= count ? partition % count : partition;
  }

  /** Waits for the sources, then creates or grows what is needed. */
  async prepare(): Promise<void> {
    const { plan, waitFor } = this.#options;
    for (const source of plan.sources) this.#counts.set(source, await waitFor(source));
    for (const own of this.#own) await this.#ensure(own);
  }

  /** Called with each assignment: a source that has grown makes its tiers and dead-letter topic grow first. */
  async fit(partitions: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of partitions) {
      if (partition < (this.#counts.get(topic) ?? Number.POSITIVE_INFINITY)) continue;
      this.#counts.set(topic, Math.max(partition + 1, await this.#options.client.partitionCount(topic)));
      for (const own of this.#own) if (own.sources.includes(topic)) await this.#ensure(own);
    }
  }

  /** A copy's topic is gone: it is made again, if velo may. */
  async repair(topic: string): Promise<void> {
    const own = this.#own.find((candidate) => candidate.topic === topic);
    if (own !== undefined && this.#options.plan.createTopics) await this.#ensure(own);
  }

  async #ensure(own: OwnTopic): Promise<void> {
    const { client, plan, waitFor, warn } = this.#options;
    const { topic } = own;
    const needed = Math.max(...own.sources.map((source) => this.#counts.get(source) ?? 1));
    let count = await client.partitionCount(topic);
    if (count === 0) {
      const created = plan.createTopics && (await this.#create(own, needed));
      count = await waitFor(topic, created ? CREATED_LIMIT : 0);
    }
    if (count < needed) {
      try {
        if (plan.createTopics) {
          await client.createPartitions(topic, needed);
          count = needed;
        } else warn(narrower(topic, count, needed, 'velo may not change topics here'));
      } catch (error) {
        warn(narrower(topic, count, needed, messageOf(error)));
      }
    }
    this.#counts.set(topic, count);
  }

  /** Nothing is known of a topic that cannot be described: the brokers' defaults hold then. */
  async #describe(topic: string): Promise<TopicDescription> {
    try {
      return (await this.#options.client.describeTopic?.(topic)) ?? {};
    } catch {
      return {};
    }
  }

  /** Whether it was created. */
  async #create(own: OwnTopic, partitions: number): Promise<boolean> {
    const { client, plan, warn } = this.#options;
    const sources = await Promise.all(own.sources.map((source) => this.#describe(source)));
    try {
      await client.createTopics([topicSpec(own, partitions, sources, plan)]);
      return true;
    } catch (error) {
      const { topic } = own;
      const explanation = explainKafkaError(error, { topic, partitions });
      if (plan.waitForTopics === 0) {
        throw new VeloError(
          'VELO_TOPOLOGY',
          `The topic ${topic} does not exist and could not be created. Create it, or give 'waitForTopics' time until somebody does.\n${createCommand(own, partitions)}\n${explanation}`,
          { cause: error },
        );
      }
      warn(
        `The topic ${topic} could not be created (${messageOf(error)}); waiting for somebody to create it:\n${createCommand(own, partitions)}`,
      );
      return false;
    }
  }
}

/**
 * As replicated and as safe as its sources, and with room for the headers that a copy adds: what a source has taken
 * must fit. `min.insync.replicas` comes along only where the replication factor does.
 */
function topicSpec(
  own: OwnTopic,
  partitions: number,
  sources: readonly TopicDescription[],
  plan: ConsumerPlan,
): TopicSpec {
  const known = sources.flatMap(({ replicationFactor }) => replicationFactor ?? []);
  const replicationFactor =
    plan.replicationFactor === -1 && known.length > 0 ? Math.max(...known) : plan.replicationFactor;
  const insync = largest(sources, 'min.insync.replicas');
  const size = largest(sources, 'max.message.bytes');
  return {
    topic: own.topic,
    partitions,
    replicationFactor,
    configs: {
      'cleanup.policy': 'delete',
      ...(own.kind === 'tier' && { 'retention.ms': String(own.wait + RETENTION_SLACK) }),
      ...(insync !== undefined && insync <= replicationFactor && { 'min.insync.replicas': String(insync) }),
      ...(size !== undefined && { 'max.message.bytes': String(size + MAX_COPY_GROWTH + MAX_STACK_GROWTH) }),
      ...plan.topicConfigs,
    },
  };
}

function largest(sources: readonly TopicDescription[], config: string): number | undefined {
  const values = sources.flatMap(({ configs }) => Number(configs?.[config] ?? Number.NaN) || []);
  return values.length > 0 ? Math.max(...values) : undefined;
}

function createCommand({ topic }: OwnTopic, partitions: number): string {
  return `  kafka-topics --bootstrap-server HOST:PORT --create --topic ${topic} --partitions ${partitions}`;
}

function narrower(topic: string, count: number, needed: number, why: string): string {
  return `The topic ${topic} has ${count} partitions, its sources ${needed}, and it could not grow (${why}). Copies go to the remainder of their partition: nothing is lost, but keys of several partitions mix. To mend it: kafka-topics --alter --topic ${topic} --partitions ${needed}`;
}
