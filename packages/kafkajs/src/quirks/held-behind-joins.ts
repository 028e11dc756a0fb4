// Shown by test/held-behind-joins.test.ts.
import type { KafkaJs } from '../api.js';
import { type PrivateConnection, withConnections } from './private-cluster.js';

/** What a broker answers only when the whole group is ready. */
export const GROUP_REQUESTS: ReadonlySet<string> = new Set(['JoinGroup', 'SyncGroup']);

/**
 * The same kafkajs, which sends nothing on a connection while the group's answer to a JoinGroup or SyncGroup is awaited there.
 *
 * A broker answers one request of a connection after the other. What kafkajs sends behind a JoinGroup gets no answer until
 * the slowest member has joined; its own time (`requestTimeout`) ends before, the connection is dropped for it, and the
 * JoinGroup with it. The group then waits for a member that is gone, the next attempt begins another rebalance, and so on:
 * with one member that came back late, no partition went on for half a minute. What waits here is sent after the answer,
 * and its time begins then.
 */
export function holdBehindJoins(kafka: KafkaJs): KafkaJs {
  return withConnections(kafka, ({ requestQueue }) => {
    const canSend = requestQueue?.canSendSocketRequestImmediately?.bind(requestQueue);
    if (requestQueue === undefined || canSend === undefined) return;
    requestQueue.canSendSocketRequestImmediately = () => !awaitsGroup(requestQueue) && canSend();
  });
}

function awaitsGroup({ inflight }: NonNullable<PrivateConnection['requestQueue']>): boolean {
  if (inflight === undefined) return false;
  for (const { entry } of inflight.values()) if (GROUP_REQUESTS.has(entry.apiName)) return true;
  return false;
}
