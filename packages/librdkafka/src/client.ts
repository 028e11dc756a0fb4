import {
  type ClientBinding,
  type ClientCapabilities,
  type CommittedOffset,
  closed,
  type GroupMember,
  type Logger,
  type MemberSink,
  type Membership,
  type TopicPartition,
  TRANSACTION_TIMEOUT,
} from '@velo/engine';
import { Connection } from './connection/connection.js';
import { ConsumerHandle } from './connection/consumer-handle.js';
import { fetchTopicNames } from './connection/metadata.js';
import { QueryHandle } from './connection/query-handle.js';
import { TokenKeeper, type TokenSource } from './connection/token-keeper.js';
import { withToken } from './connection/with-token.js';
import { CODES, codeOf } from './errors/codes.js';
import { missingTopic } from './errors/errors.js';
import type { ClientLibrary } from './facts.js';
import { type JoinedGroup, joinGroup } from './group/join-group.js';
import { adminConfig, consumerConfig, gzipConfig, producerConfig, queryConfig } from './properties/config.js';
import { ProducerHandle } from './sending/producer.js';
import { publish } from './sending/publish.js';
import { committed, offsets } from './topics/offsets.js';
import {
  Admins,
  createPartitions,
  createTopics,
  describeTopic,
  leaderless,
  partitionCount,
  topicIds,
} from './topics/topics.js';

/** By librdkafka, which sends the member's place in its group along: the brokers refuse whoever is not in it any more. */
const TRANSACTIONS: ClientCapabilities['transactions'] = {
  scope: 'by-member',
  timeout: TRANSACTION_TIMEOUT,
  maxPartitions: undefined,
};

export interface ClientOptions {
  /**
   * Gives an access token where `sasl.mechanisms` is OAUTHBEARER: to every client before it connects, and a new one before
   * the last has ended, at 80 % of its life if it is a JWT with `exp`, else every 5 minutes. May take 30 s.
   *
   * @default none: librdkafka's own ways (`sasl.oauthbearer.method: oidc`, `enable.sasl.oauthbearer.unsecure.jwt`)
   */
  readonly token?: TokenSource | undefined;
  /** Told where no new token is to be had. @default nobody */
  readonly logger?: Logger | undefined;
}

/** A client of librdkafka's as the engine wants one. Connects when something is asked for. */
export function openLibrdKafkaClient(
  given: ClientLibrary,
  config: object,
  { token, logger }: ClientOptions = {},
): ClientBinding {
  const library = token === undefined ? given : withToken(given, new TokenKeeper(token, logger));
  const queries = new Connection(() => new QueryHandle(library, queryConfig(config)));
  const producer = new Connection(() => new ProducerHandle(library, producerConfig(config)));
  /** The producer of records in gzip: librdkafka compresses all of a producer's records or none. */
  const compressing = new Connection(() => new ProducerHandle(library, gzipConfig(config)));
  const admins = new Admins(library, adminConfig(config), queries);
  /** Consumers that only ask what their groups have committed. */
  const readers = new Map<string, Connection<ConsumerHandle>>();
  const members = new Set<JoinedGroup>();
  const joins = new Set<Promise<JoinedGroup>>();
  const leaving = new Set<Promise<void>>();
  const closing = new AbortController();

  function assertOpen(): void {
    if (closing.signal.aborted) throw closed();
  }

  async function readerOf(groupId: string): Promise<ConsumerHandle> {
    const joined = [...members].find((candidate) => candidate.groupId === groupId && candidate.handle.usable);
    if (joined !== undefined) return joined.handle;
    const reader =
      readers.get(groupId) ??
      // Transactional, because only then the answer waits for the open transactions of others.
      new Connection(() => new ConsumerHandle(library, consumerConfig(config, groupId, {}, true)));
    readers.set(groupId, reader);
    return reader.ready();
  }

  async function committedBy(
    groupId: string,
    partitions: readonly TopicPartition[],
  ): Promise<readonly CommittedOffset[]> {
    assertOpen();
    return committed(partitions, () => readerOf(groupId));
  }

  /** The first topic that is missing or forbidden. */
  async function findFault(topics: readonly string[]): Promise<unknown> {
    for (const topic of topics) {
      try {
        if ((await partitionCount(queries, topic)) === 0) return missingTopic(topic);
      } catch (error) {
        if (codeOf(error) === CODES.TOPIC_AUTHORIZATION_FAILED) return error;
      }
    }
    return undefined;
  }

  async function join(membership: Membership, sink: MemberSink): Promise<GroupMember> {
    assertOpen();
    // An idempotent producer's first record waits for its id: 0.5 s longer each time that the brokers have none ready.
    if (!membership.transactional) void producer.ready().catch(() => {});
    const joining = joinGroup(membership, sink, {
      library,
      config,
      findFault,
      signal: closing.signal,
      onLeaving: (leave) => {
        leaving.add(leave);
        void leave.finally(() => leaving.delete(leave)).catch(() => {});
      },
    });
    joins.add(joining);
    const joined = await joining.finally(() => joins.delete(joining));
    members.add(joined);
    // One that has crashed would be kept for as long as the client is.
    joined.member.onStopped = () => members.delete(joined);
    if (!closing.signal.aborted) return joined.member;
    await joined.member.stop();
    throw closed();
  }

  /** By a handle of its own: librdkafka keeps the metadata of all topics for as long as a handle lives, 1 kB a partition. */
  async function listTopics(): Promise<readonly string[]> {
    assertOpen();
    const once = new Connection(() => new QueryHandle(library, queryConfig(config)));
    try {
      return await fetchTopicNames(await once.ready());
    } finally {
      await once.close();
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await Promise.allSettled(joins);
    await Promise.all([...members].map(({ member }) => member.stop()));
    await Promise.all([...leaving, ...[...readers.values()].map((reader) => reader.close())]);
    await Promise.all([queries.close(), producer.close(), compressing.close(), admins.close()]);
  }

  return {
    capabilities: {
      ...library.facts.capabilities,
      gzip: library.features?.includes('gzip') ?? false,
      transactions: TRANSACTIONS,
    },
    partitionCount: (topic) => partitionCount(queries, topic),
    leaderless: (topic) => leaderless(queries, topic),
    describeTopic: (topic) => describeTopic(queries, topic),
    listTopics,
    // Not every client has such a question; librdkafka's own assignors read what each member subscribes to.
    describeGroup: undefined,
    listGroups: undefined,
    topicIds: (topics) => topicIds(queries, topics),
    createTopics: (topics) => createTopics(admins, topics),
    createPartitions: (topic, count) => createPartitions(queries, admins, topic, count),
    offsets: (partitions) => offsets(queries, partitions),
    committed: committedBy,
    connect: async () => void (await producer.ready()),
    publish: (records) => publish(records[0]?.gzip ? compressing : producer, records),
    join,
    close,
  };
}
