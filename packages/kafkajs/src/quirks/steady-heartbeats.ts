// Shown by test/steady-heartbeats.test.ts.
import type { KafkaJs, KafkaJsConsumerConfig } from '../api.js';
import { eachConnection, withClusters } from './private-cluster.js';

/** What a broker answers to a heartbeat where all is well. */
const WELL = { throttleTime: 0, errorCode: 0 } as const;
/** kafkajs's own defaults, ms. */
const DEFAULT_INTERVAL = 3_000;
const DEFAULT_SESSION = 30_000;

/**
 * The same kafkajs and configuration, for a consumer that sends its heartbeats by a clock that nobody sets. By itself it
 * goes by the wall clock, and sends none for as long as that was set back: the group expels the member, which reads on.
 *
 * kafkajs is told to send one whenever it could, and what comes before its time goes no further than its connection.
 */
export function steadyHeartbeats(
  kafka: KafkaJs,
  config: KafkaJsConsumerConfig,
): { readonly kafka: KafkaJs; readonly config: KafkaJsConsumerConfig } {
  const interval = config.heartbeatInterval ?? DEFAULT_INTERVAL;
  // What kafkajs refuses stays as it is.
  if (!(interval < (config.sessionTimeout ?? DEFAULT_SESSION))) return { kafka, config };
  const steady = withInterval(kafka, interval);
  if (steady === kafka) return { kafka, config };
  return { kafka: steady, config: { ...config, heartbeatInterval: Number.NEGATIVE_INFINITY } };
}

/** @param interval ms */
function withInterval(kafka: KafkaJs, interval: number): KafkaJs {
  return withClusters(kafka, (cluster) => {
    let sentAt = Number.NEGATIVE_INFINITY;
    eachConnection(cluster, (connection) => {
      const send = connection.send?.bind(connection);
      if (send === undefined) return;
      connection.send = async (asked) => {
        if (asked.request?.apiName !== 'Heartbeat') return send(asked);
        if (performance.now() - sentAt < interval) return WELL;
        const answer = await send(asked);
        sentAt = performance.now();
        return answer;
      };
    });
  });
}
