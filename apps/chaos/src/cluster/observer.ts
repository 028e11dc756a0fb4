import type { KafkaCluster } from '@velo/testkit';
import type { Admin } from 'kafkajs';
import { ALL_TOPICS, CONSUMED, GROUP, isReplicated } from '../plan/topics.js';
import { until } from '../wait.js';
import { kafkaFor } from './plain-kafka.js';
import { Questions } from './questions.js';

/** The user for whom the cluster has listeners that no proxy stands in front of. */
export const OBSERVER = { username: 'observer', password: 'observer' } as const;

/** Of a question about offsets: how long it is asked again, and how often, ms. */
const PATIENCE = { limit: 10_000, poll: 500 } as const;
const OFFSETS_TOPIC = '__consumer_offsets';

/** Sees the cluster as it is, past the proxies, with plain clients. */
export class Observer {
  /** librdkafka's properties that lead past the proxies. */
  readonly connection: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;
  readonly #questions: Questions;
  /** kafkajs answers nothing any more once a topic that it was asked for has a partition without a leader. */
  readonly #aboutReplicated: Questions;
  #known: readonly string[] = [];

  /** @param signal ends questions that are asked again */
  constructor(cluster: KafkaCluster, signal: AbortSignal) {
    this.#signal = signal;
    this.connection = {
      'bootstrap.servers': cluster.saslBrokers.join(),
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanisms': 'PLAIN',
      'sasl.username': OBSERVER.username,
      'sasl.password': OBSERVER.password,
    };
    const kafka = kafkaFor(cluster.saslBrokers, {
      sasl: { mechanism: 'plain', ...OBSERVER },
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      // Of three seeds, one or two may be down.
      retry: { retries: 4, initialRetryTime: 20, maxRetryTime: 50 },
    });
    this.#questions = new Questions(kafka);
    this.#aboutReplicated = new Questions(kafka);
  }

  /** The node that leads the group's part of the offsets topic (kafka.coordinator.group: `partitionFor`). */
  async coordinator(): Promise<number> {
    const [offsets] = await this.#partitions([OFFSETS_TOPIC]);
    const partitions = offsets?.partitions ?? [];
    const own = (javaHash(GROUP) & 0x7fffffff) % partitions.length;
    const leader = partitions.find(({ partitionId }) => partitionId === own)?.leader ?? -1;
    if (leader < 1) throw new Error('the group has no coordinator at present');
    return leader;
  }

  /** Whether all partitions with replicas have a leader other than `node`, and the group's coordinator answers. */
  async hasFailedOver(node: number): Promise<boolean> {
    const topics = [...this.#known.filter(isReplicated), OFFSETS_TOPIC];
    const metadata = await this.#aboutReplicated.ask((admin) => admin.fetchTopicMetadata({ topics }));
    const leaders = metadata.topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
    if (leaders.some((leader) => leader < 1 || leader === node)) return false;
    await this.#aboutReplicated.ask((admin) => admin.fetchOffsets({ groupId: GROUP }));
    return true;
  }

  /** Whether every replica of every partition is in sync. */
  async isWhole(): Promise<boolean> {
    const topics = await this.#partitions([...(await this.topics()), OFFSETS_TOPIC]);
    return topics.every(({ partitions }) =>
      partitions.every(({ leader, isr, replicas }) => leader > 0 && isr.length === replicas.length),
    );
  }

  /** Those of the run that exist. */
  async topics(): Promise<string[]> {
    const names = new Set(await this.ask((admin) => admin.listTopics()));
    this.#known = ALL_TOPICS.filter((topic) => names.has(topic));
    return [...this.#known];
  }

  async isGroupEmpty(): Promise<boolean> {
    const { groups } = await this.ask((admin) => admin.describeGroups([GROUP]));
    return groups.every(({ state }) => state === 'Empty' || state === 'Dead');
  }

  /** What the group has committed of a topic, by partition; -1 where there is nothing. */
  async committed(topic: string): Promise<ReadonlyMap<number, number>> {
    const [offsets] = await this.#patiently((admin) =>
      admin.fetchOffsets({ groupId: GROUP, topics: [topic] }),
    );
    return new Map(offsets?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /**
   * What the group has not committed yet, in records; the source must not grow any more.
   *
   * @param visibleEnds asked for topics that are committed up to less than their end: where the last record of a partition
   *   ends, by `topic partition`, if markers may follow it
   */
  async lag(
    visibleEnds: (topics: readonly string[]) => Promise<ReadonlyMap<string, number>>,
    topics: readonly string[] = CONSUMED,
  ): Promise<number> {
    // A topic's copies are in the next one before its offsets are committed: none is missed where all ends are asked after
    // all that is committed.
    const committed = new Map<string, number>();
    for (const topic of topics)
      for (const [partition, offset] of await this.committed(topic))
        committed.set(`${topic} ${partition}`, offset);
    const behind = (key: string, end: number) => Math.max(0, end - Math.max(0, committed.get(key) ?? 0));

    const ends = new Map<string, number>();
    const left = new Set<string>();
    for (const topic of topics) {
      for (const [partition, end] of await this.ends(topic)) {
        const key = `${topic} ${partition}`;
        ends.set(key, end);
        if (behind(key, end) > 0) left.add(topic);
      }
    }
    const visible = await visibleEnds([...left]);
    return [...ends].reduce((sum, [key, end]) => sum + behind(key, visible.get(key) ?? end), 0);
  }

  /** The end of each partition of a topic. */
  async ends(topic: string): Promise<ReadonlyMap<number, number>> {
    const ends = await this.#patiently((admin) => admin.fetchTopicOffsets(topic));
    return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  }

  async close(): Promise<void> {
    await Promise.all([this.#questions.close(), this.#aboutReplicated.close()]);
  }

  async #partitions(topics: string[]) {
    const metadata = await this.ask((admin) => admin.fetchTopicMetadata({ topics }));
    return metadata.topics;
  }

  /** While leaders move, kafkajs fails now and then, with errors of its own too. */
  #patiently<T extends object>(question: (admin: Admin) => Promise<T>): Promise<T> {
    return until(() => this.ask(question), 'offsets are told', { ...PATIENCE, signal: this.#signal });
  }

  ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    return this.#questions.ask(question);
  }
}

/** `String.hashCode` of Java. */
function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
