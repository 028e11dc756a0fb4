// One file, since it is all that scenarios may ask of a cluster beside velo.
import type { RequiredAcl } from '@velo/engine';
import {
  type Admin,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  logLevel,
  Partitioners,
  type Producer,
} from 'kafkajs';
import { createTopics } from '../../support/create-topics.js';
import { type ExactHeader, exactHeaders } from '../../support/exact-headers.js';
import { uniqueName } from '../../support/names.js';
import { sleep, until } from '../../support/until.js';
import { grant, revoke } from './acls.js';
import { type PartitionRange, type ReadRecord, readTopic } from './read-topic.js';

/** A record to write as it is. */
export interface WrittenRecord {
  /** @default 0 */
  readonly partition?: number;
  readonly key?: Buffer | string | null;
  readonly value: Buffer | string | null;
  readonly headers?: readonly ExactHeader[];
}

const OFFSETS_TOPIC = '__consumer_offsets';

/** Java's, without its sign: a group's offsets are in the partition of that number, modulo. */
function hashCode(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash & 0x7fffffff;
}

/** Looks at a cluster, and prepares it, from outside of velo: kafkajs as it is. */
export class Observer {
  readonly kafka: Kafka;
  #admin: Admin;
  #producer: Producer;
  /** They may be at work. */
  readonly #retired: (Admin | Producer)[] = [];
  #connected: Promise<void> | undefined;

  constructor(brokers: readonly string[]) {
    this.kafka = new Kafka({
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10 },
    });
    this.#admin = this.kafka.admin();
    this.#producer = this.#newProducer();
  }

  connect(): Promise<void> {
    this.#connected ??= Promise.all([this.#admin.connect(), this.#producer.connect()]).then(() => {});
    return this.#connected;
  }

  async disconnect(): Promise<void> {
    await this.#connected?.catch(() => {});
    const clients = [this.#admin, this.#producer, ...this.#retired];
    await Promise.all(clients.map((client) => client.disconnect()));
  }

  async createTopic(
    topic: string,
    partitions: number,
    configs: Readonly<Record<string, string>> = {},
    replicationFactor = 1,
  ): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const topics = [{ topic, numPartitions: partitions, replicationFactor, configEntries }];
    await createTopics(this.#admin, topics);
    // Before all leaders are ready, kafkajs's producer sends a batch twice.
    await until(`${topic} has its leaders`, async () => (await this.#ranges(topic)).length === partitions);
  }

  /** Creates a topic of which each partition has one replica, on the node of that id. */
  async createTopicOn(topic: string, nodes: readonly number[]): Promise<void> {
    const replicaAssignment = nodes.map((node, partition) => ({ partition, replicas: [node] }));
    await createTopics(this.#admin, [{ topic, replicaAssignment }]);
    await until(`${topic} has its leaders`, async () => (await this.#ranges(topic)).length === nodes.length);
  }

  /** Gives a partition to another node, as its one replica; it has a leader epoch more then. */
  async movePartition(topic: string, partition: number, node: number): Promise<void> {
    const partitionAssignment = [{ partition, replicas: [node] }];
    await this.#admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    await until(`partition ${partition} of ${topic} is on node ${node}`, async () => {
      const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader === node;
    });
  }

  /** The ids of three nodes, the group's coordinator last. */
  async nodesByCoordinator(groupId: string): Promise<[number, number, number]> {
    const found = await until(`the coordinator of ${groupId}`, async () => {
      // Asking makes the topic.
      await this.#admin.fetchOffsets({ groupId, topics: [] }).catch(() => undefined);
      const { topics } = await this.#admin
        .fetchTopicMetadata({ topics: [OFFSETS_TOPIC] })
        .catch(() => ({ topics: [] }));
      const partitions = topics[0]?.partitions ?? [];
      return partitions.find(({ partitionId }) => partitionId === hashCode(groupId) % partitions.length);
    });
    const others = [1, 2, 3].filter((node) => node !== found.leader) as [number, number];
    return [...others, found.leader];
  }

  async growTopic(topic: string, count: number): Promise<void> {
    await this.#admin.createPartitions({ topicPartitions: [{ topic, count }] });
    await until(`${topic} has ${count} partitions`, async () => (await this.partitions(topic)) === count);
    await this.#renewProducer();
  }

  /** Deletes a topic, and with it what groups have committed for it, and makes it again after a pause, ms. */
  async recreateTopic(topic: string, partitions: number, pause = 0): Promise<void> {
    // Where an answer is late, kafkajs asks again, and fails because the topic is gone by then.
    await this.#admin.deleteTopics({ topics: [topic] }).catch(() => {});
    const admin = this.kafka.admin();
    await admin.connect();
    this.#retired.push(this.#admin);
    this.#admin = admin;
    await until(`${topic} is gone`, async () => !(await this.exists(topic)));
    await sleep(pause);
    await this.createTopic(topic, partitions);
    await this.#renewProducer();
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] });
    await until(`${topic} is gone`, async () => !(await this.exists(topic)));
  }

  async partitions(topic: string): Promise<number> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]?.partitions.length ?? 0;
  }

  async exists(topic: string): Promise<boolean> {
    return (await this.#admin.listTopics()).includes(topic);
  }

  /** Deletes the records of a partition below an offset, as retention does. */
  async deleteRecords(topic: string, partition: number, offset: number): Promise<void> {
    const partitions = [{ partition, offset: String(offset) }];
    await this.#apart((admin) =>
      until(`records of ${topic} are deleted`, async () => {
        try {
          // Without it, kafkajs's admin does not know the topic's leader.
          await admin.fetchTopicOffsets(topic);
          await admin.deleteTopicRecords({ topic, partitions });
          return true;
        } catch {
          return false;
        }
      }),
    );
  }

  async setConfigs(topic: string, configs: Readonly<Record<string, string>>): Promise<void> {
    const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
    await this.#admin.alterConfigs({ validateOnly: false, resources });
  }

  async configs(topic: string): Promise<Readonly<Record<string, string>>> {
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic }];
    const answer = await this.#admin.describeConfigs({ includeSynonyms: false, resources });
    return Object.fromEntries(
      answer.resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ??
        [],
    );
  }

  /** Allows a user this and no more; resolves when it counts. */
  grant(user: string, acls: readonly RequiredAcl[]): Promise<void> {
    return grant(this.#admin, user, acls);
  }

  /** Takes a right away again; resolves when it is gone. */
  revoke(user: string, acl: RequiredAcl): Promise<void> {
    return revoke(this.#admin, user, acl);
  }

  /** Writes a batch in gzip. */
  async writeCompressed(topic: string, ...values: string[]): Promise<void> {
    const messages = values.map((value) => ({ partition: 0, value }));
    await this.#producer.send({ topic, acks: -1, compression: CompressionTypes.GZIP, messages });
  }

  async replicas(topic: string): Promise<readonly number[]> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [topic] });
    return (topics[0]?.partitions ?? []).map(({ replicas }) => replicas.length);
  }

  /** Writes records as they are; those of one call and partition keep their order. */
  async write(topic: string, ...records: (WrittenRecord | string)[]): Promise<void> {
    const messages = records
      .map((record) => (typeof record === 'string' ? { value: record } : record))
      .map(({ partition = 0, key = null, value, headers = [] }) => ({
        partition,
        key,
        value,
        headers: exactHeaders(headers),
      }));
    const answers = await this.#producer.send({ topic, acks: -1, messages });
    const answered = new Set(answers.filter(({ errorCode }) => errorCode === 0).map((one) => one.partition));
    for (const { partition } of messages) {
      if (!answered.has(partition)) throw new Error(`kafkajs has written nothing to ${topic} ${partition}`);
    }
  }

  /** Writes by the partitioner of Java's clients. */
  async writeByKey(topic: string, keys: readonly string[]): Promise<void> {
    await this.#producer.send({ topic, acks: -1, messages: keys.map((key) => ({ key, value: key })) });
  }

  /** All records of a topic that have been written and committed, by partition, then offset. */
  read(topic: string): Promise<readonly ReadRecord[]> {
    return readTopic(this.kafka, topic, () => this.#ranges(topic));
  }

  /** Reads a topic of one partition as it grows, what is not committed yet as well. */
  async follow(topic: string): Promise<{ readonly end: number; stop(): Promise<void> }> {
    const consumer = this.kafka.consumer({
      groupId: uniqueName('Follower'),
      readUncommitted: true,
      maxWaitTimeInMs: 50,
    });
    const followed = { end: 0, stop: () => consumer.disconnect() };
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        followed.end = Number(message.offset) + 1;
      },
    });
    return followed;
  }

  /** The first offset that is there, and the next one that a reader of committed records gets. */
  async range(topic: string, partition = 0): Promise<{ readonly low: number; readonly high: number }> {
    const found = (await this.#ranges(topic)).find((one) => one.partition === partition);
    return { low: Number(found?.low), high: Number(found?.high) };
  }

  /** What a group has committed for each partition of a topic; -1 where there is nothing. */
  async committed(groupId: string, topic: string): Promise<readonly number[]> {
    const [found] = await this.#admin.fetchOffsets({ groupId, topics: [topic] });
    const partitions = [...(found?.partitions ?? [])].sort((a, b) => a.partition - b.partition);
    return partitions.map(({ offset }) => Number(offset));
  }

  /** As an administrator does; resolves when the group has no member any more, and its offset is set. */
  async setOffset(groupId: string, topic: string, offset: number, partition = 0): Promise<void> {
    const partitions = [{ partition, offset: String(offset) }];
    await this.#whenEmpty(groupId, async (admin) => {
      await admin.setOffsets({ groupId, topic, partitions });
      // kafkajs joins the group for it, and where its own fetch is faster than its leaving, commits what it finds there.
      if ((await this.committed(groupId, topic))[partition] !== offset) throw new Error('not set');
    });
  }

  /** With all its offsets; resolves when the group has no member any more, and is deleted. */
  async deleteGroup(groupId: string): Promise<void> {
    await this.#whenEmpty(groupId, (admin) => admin.deleteGroups([groupId]));
  }

  async #whenEmpty(groupId: string, change: (admin: Admin) => Promise<unknown>): Promise<void> {
    await until(`group ${groupId} has no member and is changed`, () =>
      change(this.#admin).then(
        () => true,
        () => false,
      ),
    );
  }

  #ranges(topic: string): Promise<PartitionRange[]> {
    return this.#apart((admin) =>
      until(`the offsets of ${topic}`, () => admin.fetchTopicOffsets(topic).catch(() => undefined)),
    );
  }

  /** By a client of its own: once kafkajs was asked for a topic's leaders, all its calls fail as soon as that is deleted. */
  async #apart<R>(ask: (admin: Admin) => Promise<R>): Promise<R> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** The old one knows nothing of the new partitions: it would resolve and write nothing. */
  async #renewProducer(): Promise<void> {
    const producer = this.#newProducer();
    await producer.connect();
    this.#retired.push(this.#producer);
    this.#producer = producer;
  }

  #newProducer(): Producer {
    return this.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }
}
