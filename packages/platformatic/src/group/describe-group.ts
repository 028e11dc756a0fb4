import { type GroupDescription, groupMembers } from '@velo/engine';
import { type Cluster, GROUP } from '../connection/cluster.js';
import { check } from '../errors.js';

const GROUP_ID_NOT_FOUND = 69;

/** Who reads what in a group, nobody where it has no members; undefined while it is rebalancing. */
export async function describeGroup(
  cluster: Cluster,
  groupId: string,
): Promise<GroupDescription | undefined> {
  const { groups } = await cluster.askCoordinator(
    GROUP,
    groupId,
    'describeGroups',
    [[groupId], false],
    (answer) => answer.groups[0]?.errorCode ?? 0,
  );
  const [group] = groups;
  if (group === undefined || group.errorCode === GROUP_ID_NOT_FOUND) return [];
  check(group.errorCode, `group "${groupId}"`);
  return groupMembers(group.groupState, group.members);
}

/** Of all brokers: each knows those that it coordinates. */
export async function listGroups(cluster: Cluster): Promise<readonly string[]> {
  await cluster.describe([]);
  const answers = await Promise.all(
    cluster.brokers.map((broker) => cluster.ask(broker, 'listGroups', [[], []])),
  );
  for (const { errorCode } of answers) check(errorCode, 'the list of groups');
  return [...new Set(answers.flatMap(({ groups }) => groups.map(({ groupId }) => groupId)))];
}
