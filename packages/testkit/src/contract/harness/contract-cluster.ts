import type { KafkaCluster } from '../../apache-kafka/kafka-cluster.js';
import { startKafka } from '../../apache-kafka/start-kafka.js';
import type { EmbeddedBroker } from '../../embedded-broker/embedded-broker.js';
import { startEmbeddedBroker } from '../../embedded-broker/start-embedded-broker.js';
import { MESSAGE_TOO_LARGE, NOT_ENOUGH_REPLICAS } from '../../support/broker-codes.js';
import type { ClusterAddress } from '../adapter.js';
import { Observer } from './observer.js';

export type ClusterKind = 'embedded' | 'kafka';

/** A user that the real Kafka knows and that may do nothing until it is allowed. */
export const GUEST = { username: 'bob', password: 'bob-secret' } as const;

/** How long a connection stays authenticated on the real Kafka, ms. Shorter than any client expects. */
export const SESSION = 3_000;

/** More than a scenario has requests for. */
const MANY = 500;

/** A cluster of either kind; what only one of them can do is a scenario's to ask for. */
export interface ContractCluster extends ClusterAddress {
  readonly kind: ClusterKind;
  readonly observer: Observer;
  /** @throws on a real Kafka */
  readonly embedded: EmbeddedBroker;
  /** The listener that asks for a password. @throws on the embedded broker */
  saslAddress(user: { readonly username: string; readonly password: string }): ClusterAddress;
  /**
   * Until the function that it gives back is called, a topic of one partition takes no writes, in a way that may
   * pass: its replicas are missing (embedded; no other topic takes any either), or it is gone (Kafka).
   */
  blockWrites(topic: string): Promise<() => Promise<void>>;
  /** From now on a topic refuses every record as too large. */
  refuseWrites(topic: string): Promise<void>;
  /** Stops the broker's process where it is, until the function that it gives back is called. @throws on the embedded broker */
  freeze(): () => void;
  stop(): Promise<void>;
}

/** A broker of a scenario's own, so that its errors meet nobody else. */
export async function embeddedCluster(): Promise<ContractCluster> {
  const embedded = await startEmbeddedBroker();
  const observer = new Observer(embedded.brokers);
  await observer.connect();
  return {
    kind: 'embedded',
    bootstrapServers: embedded.bootstrapServers,
    brokers: embedded.brokers,
    observer,
    embedded,
    saslAddress: () => {
      throw new Error('the embedded broker serves no SASL');
    },
    async blockWrites() {
      embedded.pushErrors('Produce', Array(MANY).fill(NOT_ENOUGH_REPLICAS));
      return async () => embedded.clearErrors('Produce');
    },
    async refuseWrites() {
      embedded.pushErrors('Produce', Array(MANY).fill(MESSAGE_TOO_LARGE));
    },
    freeze() {
      throw new Error('the embedded broker runs in this process');
    },
    async stop() {
      await observer.disconnect();
      await embedded.stop();
    },
  };
}

/** One node, shared by all scenarios of a test file: each has its own topics and groups. */
export async function kafkaCluster(version?: string): Promise<ContractCluster> {
  const kafka: KafkaCluster = await startKafka({
    ...(version !== undefined && { version }),
    users: { [GUEST.username]: GUEST.password },
    superUsers: ['admin'],
    properties: {
      'connections.max.reauth.ms': SESSION,
      'group.min.session.timeout.ms': 100,
      // Of groups whose brokers assign (KIP-848), where no member can ask for less.
      'group.consumer.min.session.timeout.ms': 100,
      'group.consumer.session.timeout.ms': 1_500,
      'group.consumer.min.heartbeat.interval.ms': 100,
      'group.consumer.heartbeat.interval.ms': 100,
      'log.cleaner.backoff.ms': 100,
      'log.cleaner.threads': 1,
      // How often transactions are looked for that have timed out; 10 s by default.
      'transaction.abort.timed.out.transaction.cleanup.interval.ms': 500,
    },
  });
  const observer = new Observer(kafka.brokers);
  await observer.connect();
  return {
    kind: 'kafka',
    bootstrapServers: kafka.bootstrapServers,
    brokers: kafka.brokers,
    observer,
    get embedded(): never {
      throw new Error('this is a real Kafka');
    },
    saslAddress: (sasl) => ({
      bootstrapServers: kafka.saslBrokers.join(','),
      brokers: kafka.saslBrokers,
      sasl,
    }),
    async blockWrites(topic) {
      await observer.deleteTopic(topic);
      return () => observer.createTopic(topic, 1);
    },
    refuseWrites: (topic) => observer.setConfigs(topic, { 'max.message.bytes': '50' }),
    freeze() {
      const node = kafka.node(1);
      node.pause();
      return () => node.resume();
    },
    async stop() {
      await observer.disconnect();
      await kafka.stop();
    },
  };
}
