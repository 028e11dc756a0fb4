// Shown by test/kept-headers.test.ts.
import { withoutHeaders } from '@velo/engine';
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
/** UNKNOWN_SERVER_ERROR, what brokers answer where a topic's format has no headers (MemoryRecordsBuilder throws). */
const UNKNOWN = -1;
const TOPIC_RESOURCE = 2;
/** `0.10.2-IV0` and older. Brokers know this setting up to Kafka 3. */
const FORMAT = 'message.format.version';
const OLD_FORMAT = /^0\.(?:8|9|10)\b/;

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
          if (brokerCode(error) === UNKNOWN && (await hasOldFormat(broker, topic))) throw refused(topic);
          throw error;
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

/** False, too, where nobody may ask. */
async function hasOldFormat(broker: PrivateBroker, topic: string): Promise<boolean> {
  const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: [FORMAT] }];
  const answer = await broker.describeConfigs?.({ resources }).catch(() => undefined);
  const settings = answer?.resources.flatMap(({ configEntries }) => configEntries) ?? [];
  return settings.some(
    ({ configName, configValue }) => configName === FORMAT && OLD_FORMAT.test(configValue ?? ''),
  );
}

function refused(topic: string): Error {
  return Object.assign(withoutHeaders(CLIENT, topic), { retriable: false });
}
