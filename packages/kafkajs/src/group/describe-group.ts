import { type GroupDescription, groupMembers } from '@velo/engine';
import type { KafkaJsAdmin } from '../api.js';
import type { Connection } from '../connection/connection.js';

/** Who reads what in a group, nobody where it has no members; undefined while it is rebalancing. */
export async function describeGroup(
  admin: Connection<KafkaJsAdmin>,
  groupId: string,
): Promise<GroupDescription | undefined> {
  // A refusal says nothing against the client: an old broker does not know the question, or the user may not ask it.
  const { groups } = await admin.use(
    (client) => client.describeGroups([groupId]),
    () => true,
  );
  const [group] = groups;
  return group && groupMembers(group.state, group.members);
}
