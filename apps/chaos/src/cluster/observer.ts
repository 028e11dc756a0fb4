import type { KafkaCluster } from '@velo/testkit';
import type { Admin, Kafka } from 'kafkajs';
import { ALL_TOPICS, CONSUMED, GROUP } from '../plan/topics.js';
import { kafkaFor } from './plain-kafka.js';

/** The user for whom the cluster has listeners that no proxy stands in front of. */
export const OBSERVER = { username: 'observer', password: 'observer' } as const;

const OFFSETS_TOPIC = '__consumer_offsets';

/** Sees the cluster as it is, past the proxies, with kafkajs alone. */
export class Observer {
  readonly kafka: Kafka;
  readonly #brokers: number;
  #admin: Admin | undefined;

  constructor(cluster: KafkaCluster) {
    this.kafka = kafkaFor(cluster.saslBrokers, {
      sasl: { mechanism: 'plain', ...OBSERVER },
      connectionTimeout: 1_000,
      requestTimeout: 2_000,
      // Of three seeds, one or two may be down.
      retry: { retries: 4, initialRetryTime: 20, maxRetryTime: 50 },
    });
    this.#brokers = cluster.nodes.length;
  }

  async createTopic(topic: string, partitions: number, configs: Record<string, string>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.#ask((admin) =>
      admin.createTopics({
        topics: [{ topic, numPartitions: partitions, configEntries }],
        waitForLeaders: false,
      }),
    );
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

  /** Whether all partitions have a leader other than `node`, and the group's coordinator answers. */
  async hasFailedOver(node: number): Promise<boolean> {
    const topics = await this.#partitions([...ALL_TOPICS, OFFSETS_TOPIC]);
    const leaders = topics.flatMap(({ partitions }) => partitions.map(({ leader }) => leader));
    if (leaders.some((leader) => leader < 1 || leader === node)) return false;
    await this.#ask((admin) => admin.fetchOffsets({ groupId: GROUP }));
    return true;
  }

  /** Whether every replica of every partition is in sync. */
  async isWhole(): Promise<boolean> {
    const topics = await this.#partitions([...ALL_TOPICS, OFFSETS_TOPIC]);
    return topics.every(({ partitions }) => partitions.every(({ isr }) => isr.length === this.#brokers));
  }

  /**
   * What the group has not committed yet, in records; the source must not grow any more.
   *
   * @param visibleEnds where the last record of a partition ends, by `topic partition`, where markers follow it
   */
  async lag(visibleEnds: ReadonlyMap<string, number> = new Map()): Promise<number> {
    let lag = 0;
    // A topic's copies are in the next one before its offsets are committed: in this order none is missed.
    for (const topic of CONSUMED) {
      const [committed] = await this.#ask((admin) => admin.fetchOffsets({ groupId: GROUP, topics: [topic] }));
      const ends = await this.#ask((admin) => admin.fetchTopicOffsets(topic));
      for (const { partition, high } of ends) {
        const offset = committed?.partitions.find((candidate) => candidate.partition === partition)?.offset;
        const end = visibleEnds.get(`${topic} ${partition}`) ?? Number(high);
        lag += Math.max(0, end - Math.max(0, Number(offset ?? 0)));
      }
    }
    return lag;
  }

  /** The end of each partition of a topic. */
  async ends(topic: string): Promise<ReadonlyMap<number, number>> {
    const ends = await this.#ask((admin) => admin.fetchTopicOffsets(topic));
    return new Map(ends.map(({ partition, high }) => [partition, Number(high)]));
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.disconnect().catch(() => {});
  }

  async #partitions(topics: string[]) {
    const metadata = await this.#ask((admin) => admin.fetchTopicMetadata({ topics }));
    return metadata.topics;
  }

  /** After a failure the next question goes through a new client, which knows nothing stale. */
  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      if (this.#admin === undefined) {
        const admin = this.kafka.admin();
        await admin.connect();
        this.#admin = admin;
      }
      return await question(this.#admin);
    } catch (error) {
      await this.close();
      throw error;
    }
  }
}

/** `String.hashCode` of Java. */
function javaHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash;
}
