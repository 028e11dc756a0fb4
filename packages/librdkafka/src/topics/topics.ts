import { type TopicDescription, type TopicSpec, within } from '@velo/engine';
import { nextTurn, sleep } from '@velo/retry-core';
import type { RdKafkaAdmin, RdKafkaProperties } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { fetchKnownTopics, fetchMetadata } from '../connection/metadata.js';
import type { QueryHandle } from '../connection/query-handle.js';
import { CODES, coded, codeOf, LibrdKafkaError } from '../errors/codes.js';
import type { ClientLibrary } from '../facts.js';

/** ms. */
const ADMIN_LIMIT = 10_000;

/** For ids that are not told yet: so often, so long after each other, ms. Old brokers never tell any. */
const MAX_LOOKS = 5;
const LOOK_EVERY = 10;

/** A partition that no topic has: a record for it can never be written. */
const NO_PARTITION = 0x7fffffff;

/** How many partitions a topic has; 0 if there is none of that name. Creates nothing. */
export async function partitionCount(queries: Connection<QueryHandle>, topic: string): Promise<number> {
  const handle = await queries.ready();
  const { length } = await fetchMetadata(handle, topic);
  if (!probe(handle, topic) && length > 0) {
    throw new LibrdKafkaError(CODES.LEADER_NOT_AVAILABLE, `Leader not available: "${topic}"`);
  }
  return length;
}

/** The number of each partition's leader; below 0 where it has none. */
export async function leadersOf(
  queries: Connection<QueryHandle>,
  topic: string,
): Promise<ReadonlyMap<number, number>> {
  const partitions = await fetchMetadata(await queries.ready(), topic);
  return new Map(partitions.map(({ id, leader }) => [id, leader]));
}

/** The partitions without a leader. */
export async function leaderless(
  queries: Connection<QueryHandle>,
  topic: string,
): Promise<readonly number[]> {
  const leaders = await leadersOf(queries, topic);
  return [...leaders].filter(([, leader]) => leader < 0).map(([partition]) => partition);
}

/**
 * The brokers' error on a topic, which the clients' metadata lack: a forbidden topic looks as a missing one. librdkafka
 * knows it, and says so to whoever would write.
 *
 * @returns false if librdkafka knows nothing yet, as with a topic of which no broker knows the leaders
 * @throws if the topic is forbidden
 */
function probe({ client }: QueryHandle, topic: string): boolean {
  try {
    client.produce(topic, NO_PARTITION, null, null, null, undefined, undefined);
    return false;
  } catch (error) {
    if (codeOf(error) !== CODES.TOPIC_AUTHORIZATION_FAILED) return true;
    throw new LibrdKafkaError(CODES.TOPIC_AUTHORIZATION_FAILED, `Topic authorization failed: "${topic}"`, {
      cause: error,
    });
  }
}

/**
 * By topic, in base64 of URLs, as Kafka prints them; none of a topic that is missing or forbidden, nor of brokers before
 * Kafka 2.8. The clients' metadata have none: librdkafka tells them in its log, of topics that somebody writes to or reads.
 */
export async function topicIds(
  queries: Connection<QueryHandle>,
  topics: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const handle = await queries.ready();
  const known = topics.filter((topic) => isKnown(handle, topic));
  const all = await fetchKnownTopics(handle);
  const there = known.filter((topic) => all.has(topic));
  // The log's lines come by a way of their own, at about the same time.
  await nextTurn();
  for (let looks = 0; looks < MAX_LOOKS && !there.every((topic) => handle.topicId(topic)); looks++)
    await sleep(LOOK_EVERY);
  const ids = new Map<string, string>();
  for (const topic of there) {
    const id = handle.topicId(topic);
    if (id !== undefined) ids.set(topic, id);
  }
  return ids;
}

/** Makes the handle look after the topic from now on. False: it is forbidden. */
function isKnown(handle: QueryHandle, topic: string): boolean {
  try {
    probe(handle, topic);
    return true;
  } catch {
    return false;
  }
}

/** The clients cannot ask for configurations. */
export async function describeTopic(
  queries: Connection<QueryHandle>,
  topic: string,
): Promise<TopicDescription> {
  const [first] = await fetchMetadata(await queries.ready(), topic);
  return { replicationFactor: first?.replicas.length };
}

/** Creates what is missing, side by side: the clients' call takes one topic. */
export async function createTopics(admins: Admins, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  await admins.use(async (admin) => {
    const creations = specs.map(({ topic, partitions, replicationFactor, configs = {} }) => {
      const wanted = {
        topic,
        num_partitions: partitions,
        replication_factor: replicationFactor,
        config: { ...configs },
      };
      return answer(
        (callback) => admin.createTopic(wanted, ADMIN_LIMIT, callback),
        CODES.TOPIC_ALREADY_EXISTS,
      );
    });
    const refused = (await Promise.allSettled(creations)).find(({ status }) => status === 'rejected');
    if (refused !== undefined) throw (refused as PromiseRejectedResult).reason;
  });
}

/** Grows a topic; one that is as wide already is left as it is. */
export async function createPartitions(
  queries: Connection<QueryHandle>,
  admins: Admins,
  topic: string,
  count: number,
): Promise<void> {
  try {
    await admins.use((admin) =>
      answer((callback) => admin.createPartitions(topic, count, ADMIN_LIMIT, callback)),
    );
  } catch (error) {
    if (codeOf(error) === CODES.INVALID_PARTITIONS && (await partitionCount(queries, topic)) >= count) return;
    throw error;
  }
}

/** Admin clients: one for each change, since those are seldom. */
export class Admins {
  readonly #library: ClientLibrary;
  readonly #config: RdKafkaProperties;
  readonly #queries: Connection<QueryHandle>;
  readonly #uses = new Set<Promise<unknown>>();

  /** @param queries a client of the same properties, which says why no admin client can be made, or reach a broker */
  constructor(library: ClientLibrary, config: RdKafkaProperties, queries: Connection<QueryHandle>) {
    this.#library = library;
    this.#config = config;
    this.#queries = queries;
  }

  async use(operation: (admin: RdKafkaAdmin) => Promise<void>): Promise<void> {
    const admin = await this.#create();
    const use = operation(admin).finally(() => admin.disconnect());
    this.#uses.add(use);
    try {
      await use;
    } finally {
      this.#uses.delete(use);
    }
  }

  async #create(): Promise<RdKafkaAdmin> {
    await this.#queries.ready();
    const admin = this.#library.AdminClient.create({ ...this.#config });
    await within(ADMIN_LIMIT, this.#library.ready?.(admin) ?? Promise.resolve());
    return admin;
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
