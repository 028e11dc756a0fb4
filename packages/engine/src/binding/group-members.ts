import type { GroupDescription } from './binding.js';
import { readAssignment } from './consumer-protocol.js';
import { readSubscription } from './subscription.js';

/** Of a group that nobody has joined, or that has never been. */
const WITHOUT_MEMBERS: readonly string[] = ['Empty', 'Dead'];

/** Who reads what in a group, by the brokers' answer to DescribeGroups; undefined while it is rebalancing. */
export function groupMembers(
  state: string,
  members: readonly { readonly memberMetadata: Buffer; readonly memberAssignment: Buffer }[],
): GroupDescription | undefined {
  if (WITHOUT_MEMBERS.includes(state)) return [];
  if (state !== 'Stable') return undefined;
  return members.map(({ memberMetadata, memberAssignment }) => ({
    topics: readSubscription(memberMetadata).topics,
    assigned: readAssignment(memberAssignment),
  }));
}
