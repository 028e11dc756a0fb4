import type { TopicPartition } from '@velo/engine';
import type { Subscriber } from './assign-partitions.js';

/** Of Kafka's consumer protocol; later versions only add at the end. */
const VERSION = 0;

type Subscription = Omit<Subscriber, 'memberId'>;

/**
 * A member's subscription as Kafka's consumer protocol has it, which all consumers read: the version, the topics, and
 * bytes of the assignor's own. There velo says, by the index of each topic, which family it belongs to and what the
 * member has of it.
 */
export function writeSubscription({ topics, families, owned }: Subscription): Buffer {
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

/** Total: what cannot be read subscribes to nothing, and what is not velo's has no families and owns nothing. */
export function readSubscription(bytes: Buffer): Subscription {
  try {
    const reader = new Reader(bytes);
    reader.int16();
    const topics = reader.list(() => reader.text());
    return { topics, ...ownPart(topics, reader) };
  } catch {
    return { topics: [], families: [], owned: [] };
  }
}

export function writeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const topics = [...numbersByTopic(partitions)].map(([topic, numbers]) =>
    Buffer.concat([text(topic), list(numbers.map(int32))]),
  );
  return Buffer.concat([int16(VERSION), list(topics), int32(0)]);
}

/** Total: what cannot be read assigns nothing. A member that gets nothing is often sent no bytes at all. */
export function readAssignment(bytes: Buffer): TopicPartition[] {
  try {
    const reader = new Reader(bytes);
    reader.int16();
    return reader
      .list(() => {
        const topic = reader.text();
        return reader.list(() => reader.int32()).map((partition) => ({ topic, partition }));
      })
      .flat();
  } catch {
    return [];
  }
}

function ownPart(topics: readonly string[], reader: Reader): Omit<Subscription, 'topics'> {
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

function numbersByTopic(partitions: readonly TopicPartition[]): Map<string, number[]> {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = byTopic.get(topic);
    if (numbers === undefined) byTopic.set(topic, [partition]);
    else numbers.push(partition);
  }
  return byTopic;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

function list(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(items.length), ...items]);
}

/** Throws where the bytes end too early: Node checks each read. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    const value = this.#bytes.readInt16BE(this.#at);
    this.#at += 2;
    return value;
  }

  int32(): number {
    const value = this.#bytes.readInt32BE(this.#at);
    this.#at += 4;
    return value;
  }

  text(): string {
    return this.#take(this.int16()).toString();
  }

  bytes(): Buffer {
    return this.#take(this.int32());
  }

  /** An item takes two bytes at least, so a forged length ends with the bytes. */
  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.int32(); left > 0; left--) items.push(item());
    return items;
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (length < 0 || end > this.#bytes.length) throw new RangeError('the bytes end too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}
