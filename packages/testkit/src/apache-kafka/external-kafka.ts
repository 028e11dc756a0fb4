import type { KafkaCluster, KafkaOptions } from './kafka-cluster.js';

const onlyOurs = ({ version, nodes, users, superUsers, proxied, properties }: KafkaOptions): boolean =>
  version !== undefined ||
  (nodes ?? 1) > 1 ||
  users !== undefined ||
  superUsers !== undefined ||
  proxied === true ||
  properties !== undefined;

function untouchable(): never {
  throw new RangeError('the cluster of KAFKA_BROKERS cannot be touched');
}

/** The cluster that `KAFKA_BROKERS` names; `undefined` if there is none, or if the options need one of our own. */
export function externalKafka(
  options: KafkaOptions,
  list = process.env.KAFKA_BROKERS,
): KafkaCluster | undefined {
  if (!list || onlyOurs(options)) return undefined;
  const stop = async (): Promise<void> => {};
  return {
    bootstrapServers: list,
    brokers: list.split(','),
    saslBrokers: [],
    external: true,
    nodes: [],
    node: untouchable,
    proxy: untouchable,
    keepLogs: () => {},
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
