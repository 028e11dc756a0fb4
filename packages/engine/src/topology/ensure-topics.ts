import {
  type Clock,
  checkNames,
  classifyKafkaError,
  createRetrier,
  explainKafkaError,
  invalidOption,
  type RetryStrategy,
  VeloError,
} from '@velo/retry-core';
import type { ClientBinding, TopicSpec } from '../binding/binding.js';
import { explainCollision } from './topic-collision.js';

export interface NewTopic {
  readonly topic: string;
  /** @default `VELOSTREAM_DEFAULT_PARTITIONS`, itself 6 */
  readonly partitions?: number | undefined;
  /** @default `VELOSTREAM_DEFAULT_REPLICATION_FACTOR`, itself 3, or as many as there are brokers if they are fewer */
  readonly replicationFactor?: number | undefined;
  readonly configs?: Readonly<Record<string, string>> | undefined;
}

const NEW_TOPIC_NAMES = {
  topic: true,
  partitions: true,
  replicationFactor: true,
  configs: true,
} as const satisfies Record<keyof NewTopic, true>;

/** How long `ensureTopics` asks which topics there are, ms. */
const ASK_LIMIT = 30_000;

export interface EnsureTopicsOptions {
  readonly client: ClientBinding;
  /** Of a topic that does not say. */
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Until a topic that was made can be seen. */
  readonly wait: (topic: string) => Promise<unknown>;
  readonly strategy: RetryStrategy;
  readonly clock: Clock;
}

/** @throws {VeloError} `VELO_INVALID_OPTION` */
export function checkNewTopics(topics: readonly NewTopic[]): void {
  if (!Array.isArray(topics))
    throw invalidOption('what ensureTopics() makes', topics, "a list, such as [{ topic: 'orders' }]");
  for (const topic of topics) checkNames(topic, NEW_TOPIC_NAMES, 'a topic of ensureTopics()');
}

/** Creates the topics that do not exist, and waits until they do. */
export async function ensureTopics(
  topics: readonly NewTopic[],
  { client, partitions, replicationFactor, wait, strategy, clock }: EnsureTopicsOptions,
): Promise<void> {
  const missing: TopicSpec[] = [];
  const retrier = createRetrier({ strategy, clock, timeout: ASK_LIMIT, maxAttempts: 100 });
  for (const { topic, ...rest } of topics) {
    if ((await retrier.run(() => client.partitionCount(topic))) > 0) continue;
    missing.push({
      topic,
      partitions: rest.partitions ?? partitions,
      replicationFactor: rest.replicationFactor ?? replicationFactor,
      configs: rest.configs,
    });
  }
  if (missing.length === 0) return;
  await createTopics(client, missing, (topic) =>
    topics.some((asked) => asked.topic === topic && asked.replicationFactor !== undefined),
  );
  for (const { topic } of missing) await wait(topic);
}

/** INVALID_REPLICATION_FACTOR: fewer brokers than replicas. */
const INVALID_REPLICATION_FACTOR = 38;

/** A default replication factor that the cluster is too small for is replaced by the broker's own default. */
async function createTopics(
  client: ClientBinding,
  topics: readonly TopicSpec[],
  isAsked: (topic: string) => boolean,
): Promise<void> {
  try {
    await client.createTopics(topics);
  } catch (error) {
    const names = topics.map(({ topic }) => topic).join(', ');
    if (
      classifyKafkaError(error).code !== INVALID_REPLICATION_FACTOR ||
      topics.every(({ topic }) => isAsked(topic))
    ) {
      throw new VeloError(
        'VELO_TOPOLOGY',
        (await explainCollision(
          client,
          error,
          topics.map(({ topic }) => topic),
        )) ??
          `The topics ${names} could not be created, or not all of them. Nothing that was there has changed. ${explainKafkaError(error, { topic: names })}`,
        { cause: error },
      );
    }
    await client.createTopics(
      topics.map((topic) => (isAsked(topic.topic) ? topic : { ...topic, replicationFactor: -1 })),
    );
  }
}
