import { expect, it } from 'vitest';
import type { KafkaJs } from '../src/api.js';
import { eachConnection, type PrivateConnection, withClusters } from '../src/quirks/private-cluster.js';
import { shortSessions } from '../src/quirks/short-sessions.js';
import { kafkaOn } from './support.js';

/** A connection of kafkajs's own, that of an admin which has never connected. */
async function connection(): Promise<PrivateConnection> {
  return new Promise((resolve, reject) => {
    const kafka = shortSessions(kafkaOn({ brokers: ['127.0.0.1:1'] }));
    const shown = withClusters(kafka, (cluster) => {
      eachConnection(cluster, resolve);
      void cluster.connectionPoolBuilder?.build?.().catch(reject);
    });
    shown.admin();
  });
}

/** As kafkajs's own class `Long`. */
const long = (ms: number) => ({ toString: () => String(ms) });

it.each([
  { lifetime: 3_600_000, before: 10_000 },
  { lifetime: 20_000, before: 10_000 },
  { lifetime: 15_000, before: 7_500 },
  { lifetime: 4_001, before: 2_000 },
  // Not within a second of the last time, which brokers refuse.
  { lifetime: 2_000, before: 900 },
  { lifetime: 500, before: -600 },
])('a session of $lifetime ms is renewed $before ms before its end', async ({ lifetime, before }) => {
  const one = await connection();
  Object.assign(one, { sessionLifetime: long(lifetime) });
  expect(one.reauthenticationThreshold).toBe(before);
});

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(shortSessions(other)).toBe(other);
});
