import type { RdKafkaClient, RdKafkaMetadata, RdKafkaPartition } from '../api.js';
import type { Handle } from './handle.js';

/** ms. For what a broker answers at once; where none does, the call occupies a thread for so long. */
export const QUERY_LIMIT = 2_000;

/** The partitions of a topic, empty where there is none, or none to be seen. Creates nothing: see the configuration. */
export async function fetchMetadata(
  handle: Handle<RdKafkaClient>,
  topic: string,
): Promise<readonly RdKafkaPartition[]> {
  const { topics } = await handle.call<RdKafkaMetadata>((client, callback) =>
    client.getMetadata({ topic, allTopics: false, timeout: QUERY_LIMIT }, callback),
  );
  return topics.find(({ name }) => name === topic)?.partitions ?? [];
}

/** The names of the topics that the handle looks after, those that there are; by one request. */
export async function fetchKnownTopics(handle: Handle<RdKafkaClient>): Promise<ReadonlySet<string>> {
  const { topics } = await handle.call<RdKafkaMetadata>((client, callback) =>
    client.getMetadata({ allTopics: false, timeout: QUERY_LIMIT }, callback),
  );
  return new Set(topics.filter(({ partitions }) => partitions.length > 0).map(({ name }) => name));
}

/** The names of all topics that the brokers let this client see. */
export async function fetchTopicNames(handle: Handle<RdKafkaClient>): Promise<readonly string[]> {
  const { topics } = await handle.call<RdKafkaMetadata>((client, callback) =>
    client.getMetadata({ allTopics: true, timeout: QUERY_LIMIT }, callback),
  );
  return topics.map(({ name }) => name);
}
