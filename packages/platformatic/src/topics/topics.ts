import type { TopicDescription, TopicSpec } from '@velo/engine';
import type { Cluster } from '../connection/cluster.js';
import { topicSettings } from '../connection/topic-settings.js';
import { check, NOT_CONTROLLER, refusal } from '../errors.js';
import type { RequestName, Requests } from '../requests.js';

const TOPIC_ALREADY_EXISTS = 36;
const INVALID_PARTITIONS = 37;
/** Of the brokers' ConfigSource. */
const TOPIC_CONFIG = 1;

/** How many partitions a topic has; 0 if there is none of that name. Creates nothing. */
export async function partitionCount(cluster: Cluster, topic: string): Promise<number> {
  return (await cluster.describe([topic])).get(topic)?.leaders.length ?? 0;
}

/** The partitions without a leader. */
export async function leaderless(cluster: Cluster, topic: string): Promise<readonly number[]> {
  const leaders = (await cluster.describe([topic])).get(topic)?.leaders ?? [];
  return leaders.flatMap((leader, partition) => (leader < 0 ? [partition] : []));
}

/** By topic, in base64 of URLs, as Kafka prints them. */
export async function topicIds(
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const [topic, { id }] of await cluster.describe(topics))
    if (id !== undefined) ids.set(topic, Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url'));
  return ids;
}

export async function listTopics(cluster: Cluster): Promise<readonly string[]> {
  return [...(await cluster.describe(null)).keys()];
}

export async function describeTopic(cluster: Cluster, topic: string): Promise<TopicDescription> {
  const replicas = (await cluster.describe([topic])).get(topic)?.replicas ?? 0;
  return { replicationFactor: replicas > 0 ? replicas : undefined, ...(await topicConfigs(cluster, topic)) };
}

/** The topic's configurations; none where the brokers do not tell. */
async function topicConfigs(
  cluster: Cluster,
  topic: string,
): Promise<Pick<TopicDescription, 'configs' | 'effective'>> {
  try {
    const entries = await topicSettings(cluster, await cluster.controller(), topic);
    const own = entries.filter(({ configSource }) => configSource === TOPIC_CONFIG);
    return { configs: byName(own), effective: byName(entries) };
  } catch {
    return {}; // not authorized, or an old broker: the topic's own settings are a wish, not a need
  }
}

function byName(
  entries: readonly { readonly name: string; readonly value: string | null }[],
): Record<string, string> {
  return Object.fromEntries(entries.flatMap(({ name, value }) => (value === null ? [] : [[name, value]])));
}

/** Creates what is missing. */
export async function createTopics(cluster: Cluster, specs: readonly TopicSpec[]): Promise<void> {
  if (specs.length === 0) return;
  const wanted = specs.map(({ topic, partitions, replicationFactor, configs = {} }) => ({
    name: topic,
    numPartitions: partitions,
    replicationFactor,
    assignments: [] as const,
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }));
  const { topics } = await askController(
    cluster,
    'createTopics',
    [wanted, cluster.config.timeout, false],
    (answer) => answer.topics[0]?.errorCode ?? 0,
  );
  for (const { name, errorCode, errorMessage } of topics)
    if (errorCode !== TOPIC_ALREADY_EXISTS) check(errorCode, `topic "${name}"`, errorMessage);
}

/** Grows a topic; one that is as wide already is left as it is. */
export async function createPartitions(cluster: Cluster, topic: string, count: number): Promise<void> {
  const { results } = await askController(
    cluster,
    'createPartitions',
    [[{ name: topic, count, assignments: null }], cluster.config.timeout, false],
    (answer) => answer.results[0]?.errorCode ?? 0,
  );
  const { errorCode = 0, errorMessage } = results[0] ?? {};
  if (errorCode === INVALID_PARTITIONS && (await partitionCount(cluster, topic)) >= count) return;
  if (errorCode !== 0) throw refusal(errorCode, `topic "${topic}"`, errorMessage);
}

async function askController<N extends RequestName>(
  cluster: Cluster,
  name: N,
  args: Requests[N]['args'],
  codeOf: (answer: Requests[N]['answer']) => number,
): Promise<Requests[N]['answer']> {
  // The broker takes as long as it was told that it may.
  const limit = 2 * cluster.config.timeout;
  const ask = async () => cluster.ask(await cluster.controller(), name, args, { limit });
  const answer = await ask();
  if (codeOf(answer) !== NOT_CONTROLLER) return answer;
  cluster.forgetController();
  return ask();
}
