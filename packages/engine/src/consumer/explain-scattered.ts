import { namePartitions } from '../binding/name-partitions.js';
import type { TopicPartition } from '../binding/record.js';

/** For people: partitions of a source or a tier, of which another member has the others of the same number. */
export function explainScattered(groupId: string, partitions: readonly TopicPartition[]): string {
  return `The leader of group "${groupId}" has given a source and its tiers to different members: this one has ${namePartitions(partitions)} without the others of the same number, so nobody could keep the order of a key (retry.keepKeyOrder). Nothing is lost: nothing of these partitions is handled until an assignment that has them together. All members must use keepKeyOrder and read the same topics, and sources and tiers need equally many partitions; with node-rdkafka partition.assignment.strategy must be 'range'. While a new configuration is rolled out this passes by itself with the last member.`;
}
