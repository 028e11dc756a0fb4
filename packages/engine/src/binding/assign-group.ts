import { sleep } from '@velo/retry-core';
import { assignPartitions, type Subscriber } from './assign-partitions.js';
import { writeAssignment } from './consumer-protocol.js';
import { within } from './deadline.js';
import { readSubscription } from './subscription.js';

/** The name of velo's own way to assign, in the group's protocol: a group takes it where all members offer it. */
export const VELO_PROTOCOL = 'velo';

/** Of a topic that the leader does not read: brokers may not know it yet, or may have other troubles. */
const MAX_ASKS = 3;
/** Between two questions, ms. */
const PAUSE = 250;
/** For all questions, ms. The group waits meanwhile. */
const LIMIT = 5_000;

export interface GroupAssignment {
  /** How many partitions each topic had. */
  readonly counts: ReadonlyMap<string, number>;
  readonly assignments: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[];
}

/**
 * What the leader of a group assigns to each member, by what each has subscribed to. Topics that the brokers do not
 * have are assigned to nobody.
 *
 * @param known how many partitions the leader knows of a topic; 0: none
 * @param ask asks the brokers; 0 for a topic that they do not have
 */
export async function assignGroup(
  members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[],
  known: (topic: string) => number,
  ask: (topic: string) => Promise<number>,
): Promise<GroupAssignment> {
  const group = members.map(
    ({ memberId, memberMetadata }): Subscriber => ({ memberId, ...readSubscription(memberMetadata) }),
  );
  const topics = [...new Set(group.flatMap((member) => member.topics))];
  const countOf = async (topic: string) =>
    known(topic) || (await within(LIMIT, askPatiently(topic, ask))) || 0;
  const counts = new Map(
    await Promise.all(topics.map(async (topic) => [topic, await countOf(topic)] as const)),
  );
  const assignments = [...assignPartitions(group, counts)].map(([memberId, partitions]) => ({
    memberId,
    memberAssignment: writeAssignment(partitions),
  }));
  return { counts, assignments };
}

async function askPatiently(topic: string, ask: (topic: string) => Promise<number>): Promise<number> {
  for (let asks = 1; asks <= MAX_ASKS; asks++) {
    const count = await ask(topic).catch(() => 0);
    if (count > 0) return count;
    await sleep(PAUSE);
  }
  return 0;
}
