// Shown by test/short-sessions.test.ts.
import type { KafkaJs } from '../api.js';
import { type PrivateConnection, withConnections } from './private-cluster.js';

/** ms. Brokers authenticate a connection anew once a second at the most. */
const LEAST_AGE = 1_100;

/**
 * The same kafkajs, which can do with sessions that are short: where brokers bound them (`connections.max.reauth.ms`), or
 * where a token has not long to live.
 *
 * kafkajs authenticates a connection anew in the last 10 s of its session, so in a shorter one before each request. The
 * second within a second is answered ILLEGAL_SASL_STATE, as if this listener knew no authentication.
 */
export function shortSessions(kafka: KafkaJs): KafkaJs {
  return withConnections(kafka, (connection) => {
    const { reauthenticationThreshold: given } = connection;
    if (typeof given !== 'number') return;
    Object.defineProperty(connection, 'reauthenticationThreshold', {
      get: () => thresholdOf(connection, given),
    });
  });
}

/** How long before its session's end a connection is to be authenticated anew, ms: in its second half. */
function thresholdOf({ sessionLifetime }: PrivateConnection, given: number): number {
  const lifetime = Number(sessionLifetime);
  return Math.min(given, Math.floor(lifetime / 2), lifetime - LEAST_AGE);
}
