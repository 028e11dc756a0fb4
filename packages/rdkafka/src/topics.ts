import type { TopicDescription, TopicSpec } from '@velo/retry-core/engine';
import type { Connection } from './connection.js';
import { CODES, coded, codeOf, RdKafkaError } from './errors.js';
import { fetchMetadata } from './metadata.js';
import type { ProducerHandle } from './producer-handle.js';
import type { RdKafka, RdKafkaAdmin, RdKafkaProperties } from './rdkafka-api.js';

/** ms. */
const ADMIN_LIMIT = 10_000;

/** Of no topic: a record for it can never be written. */
const NO_PARTITION = 0x7fffffff;

/** How many partitions a topic has; 0 if there is none of that name. Creates nothing. */
export async function partitionCount(producer: Connection<ProducerHandle>, topic: string): Promise<number> {
  const handle = await producer.ready();
  const partitions = await fetchMetadata(handle, topic);
  const leaderless = partitions.find(({ leader }) => leader < 0);
  if (leaderless !== undefined) {
    const message = `Leader not available: "${topic}", ${leaderless.id}`;
    throw new RdKafkaError(CODES.LEADER_NOT_AVAILABLE, message);
  }
  if (partitions.length === 0) assertVisible(handle, topic);
  return partitions.length;
}

/**
 * In node-rdkafka's metadata a topic that is forbidden looks as one that is missing. librdkafka knows, and says so to
 * whoever would write to it.
 */
function assertVisible({ client }: ProducerHandle, topic: string): void {
  try {
    client.produce(topic, NO_PARTITION, null, null, null, undefined, undefined);
  } catch (error) {
    if (codeOf(error) !== CODES.TOPIC_AUTHORIZATION_FAILED) return;
    throw new RdKafkaError(CODES.TOPIC_AUTHORIZATION_FAILED, `Topic authorization failed: "${topic}"`, {
      cause: error,
    });
  }
}

/** node-rdkafka cannot ask for configurations. */
export async function describeTopic(
  producer: Connection<ProducerHandle>,
  topic: string,
): Promise<TopicDescription> {
  const [first] = await fetchMetadata(await producer.ready(), topic);
  return { replicationFactor: first?.replicas.length };
}

/** Creates what is missing. */
export async function createTopics(admins: Admins, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  await admins.use(async (admin) => {
    for (const { topic, partitions, replicationFactor, configs = {} } of specs) {
      const wanted = {
        topic,
        num_partitions: partitions,
        replication_factor: replicationFactor,
        config: { ...configs },
      };
      await answer(
        (callback) => admin.createTopic(wanted, ADMIN_LIMIT, callback),
        CODES.TOPIC_ALREADY_EXISTS,
      );
    }
  });
}

/** Grows a topic; one that is as wide already is left as it is. */
export async function createPartitions(
  producer: Connection<ProducerHandle>,
  admins: Admins,
  topic: string,
  count: number,
): Promise<void> {
  try {
    await admins.use((admin) =>
      answer((callback) => admin.createPartitions(topic, count, ADMIN_LIMIT, callback)),
    );
  } catch (error) {
    if (codeOf(error) === CODES.INVALID_PARTITIONS && (await partitionCount(producer, topic)) >= count)
      return;
    throw error;
  }
}

/** Admin clients, one for each use: they are seldom needed. */
export class Admins {
  readonly #library: RdKafka;
  readonly #config: RdKafkaProperties;
  readonly #uses = new Set<Promise<unknown>>();

  constructor(library: RdKafka, config: RdKafkaProperties) {
    this.#library = library;
    this.#config = config;
  }

  async use(operation: (admin: RdKafkaAdmin) => Promise<void>): Promise<void> {
    const admin = this.#library.AdminClient.create({ ...this.#config });
    const use = operation(admin).finally(() => admin.disconnect());
    this.#uses.add(use);
    try {
      await use;
    } finally {
      this.#uses.delete(use);
    }
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#uses);
  }
}

/** @param fine the code that is no failure */
function answer(call: (callback: (error?: unknown) => void) => void, fine?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error && codeOf(error) !== fine ? reject(coded(error)) : resolve()));
  });
}
