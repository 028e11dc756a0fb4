import type { Velo, VeloConsumer, VeloProducer } from '@velo/kafkajs';
import type { DemoTopics } from '../cluster/topics.js';
import { enrich } from '../films/enrich.js';
import { decodeFilm } from '../films/film.js';

/** How long the consumer waits for its topic. */
const WAIT_FOR_TOPICS = '30s';

export interface Consumption {
  readonly velo: Velo;
  /** Connected. */
  readonly producer: VeloProducer;
  readonly topics: DemoTopics;
  readonly serviceUrl: string;
  /** ms */
  readonly tiers: readonly number[];
}

/**
 * The consumer that is shown: decodes and validates each film, asks the service, writes the enriched film to the
 * output topic under the film's identity. velo commits the offset only after that.
 */
export function filmConsumer({ velo, producer, topics, serviceUrl, tiers }: Consumption): VeloConsumer {
  return velo.consumer({
    groupId: topics.groupId,
    topics: [topics.source],
    startFrom: 'earliest',
    waitForTopics: WAIT_FOR_TOPICS,
    decode: ({ value }) => decodeFilm(value),
    handler: async (film, { record, signal }) => {
      const enrichment = await enrich(serviceUrl, film, signal);
      const identity = record.key?.toString();
      const value = JSON.stringify({ identity, ...film, ...enrichment });
      await producer.send({ topic: topics.output, messages: [{ key: record.key, value }] });
    },
    retry: { inPlace: { maxAttempts: 3 }, tiers },
    exhausted: { action: 'dead-letter' },
    // Any answer says that the service is there.
    flow: {
      breaker: {
        minAttempts: 5,
        window: '3s',
        openFor: '500ms',
        probe: (signal) => fetch(serviceUrl, { signal }),
      },
    },
  });
}
