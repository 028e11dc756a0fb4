import type { Subscriber } from './assign-partitions.js';
import { int16, int32, list, numbersByTopic, Reader, text, VERSION } from './consumer-protocol.js';

/** What a member tells the leader of its group. */
export type GroupSubscription = Omit<Subscriber, 'memberId'>;

/**
 * A member's subscription as Kafka's consumer protocol has it, which all consumers read: the version, the topics, and
 * bytes of the assignor's own. There velo says, by the index of each topic, which family it belongs to and what the
 * member has of it.
 */
export function writeSubscription({ topics, families, owned }: GroupSubscription): Buffer {
  const family = new Map(
    families.flatMap((list) => list.map((topic) => [topic, list[0] as string] as const)),
  );
  const index = new Map(topics.map((topic, i) => [topic, i] as const));
  const numbers = numbersByTopic(owned);
  const own = {
    families: topics.map((topic, i) => index.get(family.get(topic) ?? topic) ?? i),
    owned: topics.map((topic) => numbers.get(topic) ?? []),
  };
  const written = Buffer.from(JSON.stringify(own));
  return Buffer.concat([int16(VERSION), list(topics.map(text)), int32(written.length), written]);
}

/** Never throws: what cannot be read subscribes to nothing, and what is not velo's has no families and owns nothing. */
export function readSubscription(bytes: Buffer): GroupSubscription {
  try {
    const reader = new Reader(bytes);
    reader.int16();
    const topics = reader.list(() => reader.text());
    return { topics, ...ownPart(topics, reader) };
  } catch {
    return { topics: [], families: [], owned: [] };
  }
}

function ownPart(topics: readonly string[], reader: Reader): Omit<GroupSubscription, 'topics'> {
  try {
    const { families, owned } = JSON.parse(reader.bytes().toString()) as { [name: string]: unknown };
    const numbers = (list: unknown): number[] => (Array.isArray(list) ? list.filter(Number.isInteger) : []);
    const sources = numbers(families);
    const lists: unknown[] = Array.isArray(owned) ? owned : [];
    return {
      families: topics.map((topic, i) => [topics[sources[i] ?? i] ?? topic, topic]),
      owned: topics.flatMap((topic, i) => numbers(lists[i]).map((partition) => ({ topic, partition }))),
    };
  } catch {
    return { families: [], owned: [] };
  }
}
