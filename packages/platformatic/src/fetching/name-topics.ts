import type { FetchTopic } from '../api.js';
import { byTopic } from '../connection/by-topic.js';
import type { Broker, Cluster } from '../connection/cluster.js';
import type { MemberConfig } from '../connection/member-config.js';
import type { Source } from './source.js';
import { NEWEST_FETCH } from './undecoded-fetches.js';

/** Of a request that names topics. */
const LAST_VERSION_BY_NAME = 12;

/** What a fetch asks for, and how its answer names it. */
export interface NamedTopics {
  readonly topics: FetchTopic[];
  /** Topics by how they are named. */
  readonly names: ReadonlyMap<string, string>;
  /** The highest version of the request. */
  readonly version: number;
}

/** Sources as a broker is asked for them: by the ids of their topics, where brokers tell them. */
export async function nameTopics(
  cluster: Cluster,
  line: Cluster,
  broker: Broker,
  sources: readonly Source[],
  { maxBytesPerPartition }: MemberConfig,
): Promise<NamedTopics> {
  const idOf = (topic: string) => cluster.known(topic)?.id;
  const topics = byTopic(sources, (source) => ({
    partition: source.partition,
    currentLeaderEpoch: -1 as const,
    fetchOffset: BigInt(source.position as number),
    lastFetchedEpoch: -1 as const,
    partitionMaxBytes: maxBytesPerPartition,
  }));
  const byId = topics.every(({ name }) => idOf(name) !== undefined);
  const version = byId ? await line.version(broker, 'fetch') : 0;
  const named = (name: string) => (version > LAST_VERSION_BY_NAME ? (idOf(name) ?? name) : name);
  return {
    topics: topics.map(({ name, partitions }) => ({ topicId: named(name), partitions })),
    names: new Map(topics.map(({ name }) => [named(name), name])),
    version: version > LAST_VERSION_BY_NAME ? NEWEST_FETCH : LAST_VERSION_BY_NAME,
  };
}
