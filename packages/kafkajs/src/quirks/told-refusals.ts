// Shown by test/told-refusals.test.ts.
import type { KafkaJs } from '../api.js';
import { brokerCode } from '../errors.js';
import { withClusters } from './private-cluster.js';

const GROUP_AUTHORIZATION_FAILED = 30;

/**
 * The same kafkajs, which fails with the brokers' refusal of a group. By itself it drops what each broker answers to
 * the question for the group's coordinator, and says that it found none, as in an outage.
 */
export function toldRefusals(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, ({ brokerPool }) => {
    const withBroker = brokerPool?.withBroker?.bind(brokerPool);
    if (brokerPool === undefined || withBroker === undefined) return;
    brokerPool.withBroker = async (ask) => {
      let refusal: unknown;
      const answer = await withBroker(async (broker) => {
        try {
          return await ask(broker);
        } catch (error) {
          if (brokerCode(error) === GROUP_AUTHORIZATION_FAILED) refusal = error;
          throw error;
        }
      });
      if (answer === null && refusal !== undefined) throw refusal;
      return answer;
    };
  });
}
