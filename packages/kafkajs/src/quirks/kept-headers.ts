// Shown by test/kept-headers.test.ts.
import { isOfOldFormat, withoutHeaders } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { brokerCode, CLIENT } from '../errors.js';
import {
  eachBroker,
  type PrivateBroker,
  type PrivateProduceRequest,
  withClusters,
} from './private-cluster.js';

/** The first version of Produce (its number is 0) whose records have headers: Kafka 0.11. */
const PRODUCE = 0;
const WITH_HEADERS = 3;
const TOPIC_RESOURCE = 2;

/**
 * The same kafkajs, which fails for good with headers that a broker or a topic cannot take. By itself it writes to an older
 * broker without them, and says nothing; and tries again for ever what an older format of a topic refuses.
 */
export function keptHeaders(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, (cluster) =>
    eachBroker(cluster, (broker) => {
      const produce = broker.produce?.bind(broker);
      if (produce === undefined) return;
      broker.produce = async (request) => {
        const topic = topicWithHeaders(request);
        if (topic === undefined) return produce(request);
        const newest = broker.versions?.[PRODUCE]?.maxVersion ?? WITH_HEADERS;
        if (newest < WITH_HEADERS) throw refused(topic);
        try {
          return await produce(request);
        } catch (error) {
          const ask = (setting: string) => settingOf(broker, topic, setting);
          throw (await isOfOldFormat(brokerCode(error), ask)) ? refused(topic) : error;
        }
      };
    }),
  );
}

/** The first topic for which there is a record that has some. */
function topicWithHeaders({ topicData }: PrivateProduceRequest): string | undefined {
  return topicData.find(({ partitions }) =>
    partitions.some(({ messages }) => messages.some(({ headers }) => Object.keys(headers ?? {}).length > 0)),
  )?.topic;
}

async function settingOf(broker: PrivateBroker, topic: string, setting: string) {
  const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: [setting] }];
  const answer = await broker.describeConfigs?.({ resources });
  const entries = answer?.resources.flatMap(({ configEntries }) => configEntries) ?? [];
  return entries.find(({ configName }) => configName === setting)?.configValue;
}

function refused(topic: string): Error {
  return Object.assign(withoutHeaders(CLIENT, topic), { retriable: false });
}
