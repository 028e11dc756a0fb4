import { type Clock, parseDuration, sleep } from '@velo/retry-core';
import type { ClientBinding, GroupDescription } from '../binding/binding.js';
import { partitionsOf } from '../binding/record.js';
import { springSingleTopic } from '../plan/spring-topic-names.js';
import { tierPrefix } from '../plan/topic-names.js';

export interface GroupTier {
  readonly topic: string;
  /** Its name holds the group: no other one writes there. */
  readonly own: boolean;
}

/** How often, and how far apart (ms), a group is described anew that is rebalancing. */
const LOOKS = 5;
const LOOK_EVERY = 500;

/** The topics that are tiers of a source and a group by their names: velo's, then Spring's, each the shortest wait first. */
export function tiersOf(source: string, groupId: string, names: Iterable<string>): GroupTier[] {
  const prefix = tierPrefix(source, groupId);
  const found: (GroupTier & { readonly wait: number })[] = [];
  for (const topic of names) {
    const wait = topic.startsWith(prefix) ? veloWait(topic.slice(prefix.length)) : springOrder(topic, source);
    if (wait !== undefined) found.push({ topic, own: topic.startsWith(prefix), wait });
  }
  return found.sort((a, b) => Number(b.own) - Number(a.own) || a.wait - b.wait);
}

/** Equal waits are told apart by a number at the end, which the first one has not. */
function veloWait(suffix: string): number | undefined {
  const [wait = '', ordinal = '1'] = suffix.split('-');
  const ms = /^\d/.test(wait) ? parseDuration(wait) : undefined;
  return ms === undefined ? undefined : ms + Number(ordinal) / 1_000;
}

/** By index or by delay: both rise. */
function springOrder(topic: string, source: string): number | undefined {
  if (topic === springSingleTopic(source)) return 0;
  if (!topic.startsWith(`${source}-retry-`)) return undefined;
  const [, number, ordinal = '0'] = /^(\d{1,9})(?:-(\d{1,3}))?$/.exec(topic.slice(source.length + 7)) ?? [];
  return number === undefined ? undefined : Number(number) + Number(ordinal) / 1_000;
}

/**
 * The first of these tiers that the group reads, by what its members have subscribed to, or else by what it has committed; where
 * neither tells, velo's own first one. `undefined`: it reads none of them.
 */
export async function firstReadTier(
  tiers: readonly GroupTier[],
  groupId: string,
  client: ClientBinding,
  clock: Clock,
): Promise<GroupTier | undefined> {
  if (tiers.length === 0) return undefined;
  const members = await describe(groupId, client, clock);
  if (members !== undefined && members.length > 0)
    return tiers.find(({ topic }) => members.some((member) => member.topics.includes(topic)));
  for (const tier of tiers) if (await hasRead(tier.topic, groupId, client)) return tier;
  return tiers.find(({ own }) => own);
}

/** `undefined` where the client, or the group at present, does not tell. */
async function describe(
  groupId: string,
  { describeGroup }: ClientBinding,
  clock: Clock,
): Promise<GroupDescription | undefined> {
  if (describeGroup === undefined) return undefined;
  for (let looks = 1; ; looks++) {
    const members = await describeGroup(groupId).catch(() => undefined);
    if (members !== undefined || looks === LOOKS) return members;
    await sleep(LOOK_EVERY, undefined, clock);
  }
}

async function hasRead(topic: string, groupId: string, client: ClientBinding): Promise<boolean> {
  const partitions = partitionsOf(topic, await client.partitionCount(topic));
  const committed = partitions.length === 0 ? [] : await client.committed(groupId, partitions);
  return committed.some(({ offset }) => offset !== -1);
}
