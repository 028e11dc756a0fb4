import { readArray, type TopicDescription, type TopicSpec } from '@velo/engine';
import type { KafkaJsAdmin } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { brokerCode } from '../errors.js';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_ALREADY_EXISTS = 36;
const INVALID_PARTITIONS = 37;
/** Of kafkajs's ConfigResourceTypes and ConfigSource. */
const TOPIC_RESOURCE = 2;
const TOPIC_CONFIG = 1;
/** How many parts of an error for several topics are looked at. */
const MAX_PARTS = 1_000;
/** How often one creation is asked for, where brokers disagree on whether it has worked. */
const MAX_ASKS = 3;

/** How many partitions a topic has; 0 if there is none of that name. Creates nothing. */
export async function partitionCount(admin: Connection<KafkaJsAdmin>, topic: string): Promise<number> {
  return admin.use(async (client) => {
    try {
      const { topics } = await client.fetchTopicMetadata({ topics: [topic] });
      return topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
    } catch (error) {
      if (brokerCode(error) === UNKNOWN_TOPIC_OR_PARTITION) return 0;
      throw error;
    }
  });
}

/** The partitions without a leader. */
export async function leaderless(admin: Connection<KafkaJsAdmin>, topic: string): Promise<readonly number[]> {
  const { topics } = await admin.use((client) => client.fetchTopicMetadata({ topics: [topic] }));
  const partitions = topics.find(({ name }) => name === topic)?.partitions ?? [];
  return partitions.filter(({ leader }) => leader < 0).map(({ partitionId }) => partitionId);
}

export async function describeTopic(
  admin: Connection<KafkaJsAdmin>,
  topic: string,
): Promise<TopicDescription> {
  const { topics } = await admin.use((client) => client.fetchTopicMetadata({ topics: [topic] }));
  const replicas = topics[0]?.partitions.map((partition) => partition.replicas.length) ?? [];
  return {
    replicationFactor: replicas.length > 0 ? Math.max(...replicas) : undefined,
    ...(await topicConfigs(admin, topic)),
  };
}

/** The topic's configurations; none where the brokers do not tell. */
async function topicConfigs(
  admin: Connection<KafkaJsAdmin>,
  topic: string,
): Promise<Pick<TopicDescription, 'configs' | 'effective'>> {
  const resources = [{ type: TOPIC_RESOURCE, name: topic }];
  try {
    const answer = await admin.use((client) => client.describeConfigs({ resources, includeSynonyms: false }));
    const entries = answer.resources.flatMap(({ configEntries }) => configEntries);
    const own = entries.filter(({ configSource }) => configSource === TOPIC_CONFIG);
    return { configs: byName(own), effective: byName(entries) };
  } catch {
    return {}; // not authorized, or an old broker: the topic's own settings are a wish, not a need
  }
}

function byName(
  entries: readonly { readonly configName: string; readonly configValue: string }[],
): Record<string, string> {
  return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** Creates what is missing. */
export async function createTopics(
  admin: Connection<KafkaJsAdmin>,
  specs: readonly TopicSpec[],
): Promise<void> {
  let wanted = specs;
  for (let asks = 1; wanted.length > 0; asks++) {
    try {
      await create(admin, wanted);
      return;
    } catch (error) {
      // Not all brokers know the new topics yet, or a topic that this client was asked about was deleted since.
      if (brokerCode(error) !== UNKNOWN_TOPIC_OR_PARTITION || asks === MAX_ASKS) throw error;
      wanted = await missing(admin, specs);
    }
  }
}

async function create(admin: Connection<KafkaJsAdmin>, specs: readonly TopicSpec[]): Promise<void> {
  const topics = specs.map(({ topic, partitions, replicationFactor, configs = {} }) => ({
    topic,
    numPartitions: partitions,
    replicationFactor,
    configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }));
  await admin.use((client) => client.createTopics({ topics, waitForLeaders: false })).catch(rethrowWorst);
}

async function missing(
  admin: Connection<KafkaJsAdmin>,
  specs: readonly TopicSpec[],
): Promise<readonly TopicSpec[]> {
  const counts = await Promise.all(specs.map(({ topic }) => partitionCount(admin, topic)));
  return specs.filter((_, i) => counts[i] === 0);
}

/** kafkajs throws one error for all topics; those that exist already are among its parts. */
function rethrowWorst(error: unknown): never {
  const parts = readArray(error, 'errors', MAX_PARTS);
  throw parts.find((part) => brokerCode(part) !== TOPIC_ALREADY_EXISTS) ?? error;
}

/** Grows a topic; one that is as wide already is left as it is. */
export async function createPartitions(
  admin: Connection<KafkaJsAdmin>,
  topic: string,
  count: number,
): Promise<void> {
  try {
    await admin.use((client) => client.createPartitions({ topicPartitions: [{ topic, count }] }));
  } catch (error) {
    if (brokerCode(error) === INVALID_PARTITIONS && (await partitionCount(admin, topic)) >= count) return;
    throw error;
  }
}
