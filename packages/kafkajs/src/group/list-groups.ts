import type { KafkaJsAdmin } from '../api.js';
import type { Connection } from '../connection/connection.js';

/** Of all brokers: each knows those that it coordinates. */
export async function listGroups(admin: Connection<KafkaJsAdmin>): Promise<readonly string[]> {
  // A refusal says nothing against the client: its user may not ask it.
  const { groups } = await admin.use(
    (client) => client.listGroups(),
    () => true,
  );
  return groups.map(({ groupId }) => groupId);
}
