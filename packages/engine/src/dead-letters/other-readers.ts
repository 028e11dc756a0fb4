import { foreignMessage, foreignText } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { partitionsOf, type TopicPartition } from '../binding/record.js';
import { type Scene, workersOf } from './survey.js';
import type { OtherReaders } from './types.js';

/** So many groups are asked, one by one. */
const MOST_GROUPS = 1_000;

/** Who else handles what is replayed to its source: groups with a member that reads it, and those that have committed there. */
export async function otherReaders(
  sources: readonly string[],
  { client, groupId }: Pick<Scene, 'client' | 'groupId'>,
): Promise<OtherReaders> {
  const names = sources.length === 0 ? 'the source' : sources.join(', ');
  const all = `Every group that reads ${names} handles these records again, not ${groupId} alone.`;
  const unknown = (why: string): OtherReaders => ({
    groups: undefined,
    note: `${all} Which groups those are ${why}: kafka-consumer-groups.sh --describe --all-groups does.`,
  });
  if (client.listGroups === undefined) return unknown('this client cannot tell');
  try {
    // Those of replays themselves come and go.
    const others = (await client.listGroups()).filter(
      (name) => name !== groupId && !name.startsWith(workersOf(groupId)),
    );
    if (others.length > MOST_GROUPS) return unknown(`is not looked up among ${others.length} of them`);
    const counts = await Promise.all(sources.map((topic) => client.partitionCount(topic)));
    const partitions = sources.flatMap((topic, i) => partitionsOf(topic, counts[i] ?? 0));
    const groups: string[] = [];
    for (const name of others) if (await reads(name, sources, partitions, client)) groups.push(name);
    const found = groups.map((name) => foreignText(name, 100)).join(', ');
    const note = groups.length === 0 ? `No other group reads ${names}.` : `${all} Others are: ${found}.`;
    return { groups, note };
  } catch (error) {
    return unknown(`the brokers do not tell (${foreignMessage(error)})`);
  }
}

async function reads(
  groupId: string,
  sources: readonly string[],
  partitions: readonly TopicPartition[],
  client: ClientBinding,
): Promise<boolean> {
  // Groups of Connect, say, describe themselves in another way.
  const members = await client.describeGroup?.(groupId).catch(() => undefined);
  if (members?.some(({ topics }) => topics.some((topic) => sources.includes(topic)))) return true;
  const committed = await client.committed(groupId, partitions);
  return committed.some(({ offset }) => offset !== -1);
}
