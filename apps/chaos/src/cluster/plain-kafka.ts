import { connect } from 'node:net';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';

/** ms */
const KEEP_ALIVE_DELAY = 60_000;

/** kafkajs without its log. Its timeouts are short, since connections that are half open end by them alone. */
export function kafkaFor(brokers: readonly string[], config: Partial<KafkaConfig> = {}): Kafka {
  return new Kafka({
    clientId: 'chaos',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    // Each send that waits for a broker that is down adds a listener to its socket, and Node would warn of a leak.
    socketFactory: ({ host, port, onConnect }) =>
      connect({ host, port }, onConnect).setKeepAlive(true, KEEP_ALIVE_DELAY).setMaxListeners(0),
    ...config,
  });
}
