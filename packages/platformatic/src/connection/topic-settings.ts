import type { Address } from '../api.js';
import { check } from '../errors.js';
import type { Requests } from '../requests.js';
import type { Cluster } from './cluster.js';

/** Of the brokers' ConfigResource.Type. */
const TOPIC_RESOURCE = 2;

export type TopicSetting = Requests['describeConfigs']['answer']['results'][number]['configs'][number];

/** A topic's settings, those included that it has from its broker. @throws where the broker does not tell */
export async function topicSettings(
  cluster: Cluster,
  broker: Address,
  topic: string,
): Promise<readonly TopicSetting[]> {
  const resource = { resourceType: TOPIC_RESOURCE, resourceName: topic, configurationKeys: null };
  const { results } = await cluster.ask(broker, 'describeConfigs', [[resource], false, false]);
  for (const { errorCode } of results) check(errorCode, `topic "${topic}"`);
  return results.flatMap(({ configs }) => configs);
}
