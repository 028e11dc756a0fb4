import type { GroupDescription } from '@velo/engine';
import type { KafkaJsAdmin } from '../api.js';
import type { Connection } from '../connection/connection.js';
import { readAssignment } from '../quirks/consumer-protocol.js';
import { readSubscription } from './subscription.js';

/** Of a group that nobody has joined, or that has never been. */
const WITHOUT_MEMBERS: readonly string[] = ['Empty', 'Dead'];

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
  if (group !== undefined && WITHOUT_MEMBERS.includes(group.state)) return [];
  if (group?.state !== 'Stable') return undefined;
  return group.members.map(({ memberMetadata, memberAssignment }) => ({
    topics: readSubscription(memberMetadata).topics,
    assigned: readAssignment(memberAssignment),
  }));
}
