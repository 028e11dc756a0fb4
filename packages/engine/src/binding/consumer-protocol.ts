import type { TopicPartition } from './record.js';

/** Of Kafka's consumer protocol, which members of a group write to each other; later versions only add at the end. */
export const VERSION = 0;

export function writeAssignment(partitions: readonly TopicPartition[]): Buffer {
  const topics = [...numbersByTopic(partitions)].map(([topic, numbers]) =>
    Buffer.concat([text(topic), list(numbers.map(int32))]),
  );
  return Buffer.concat([int16(VERSION), list(topics), int32(0)]);
}

/** Never throws: what cannot be read assigns nothing. A member that gets nothing is often sent no bytes at all. */
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

export function numbersByTopic(partitions: readonly TopicPartition[]): Map<string, number[]> {
  const byTopic = new Map<string, number[]>();
  for (const { topic, partition } of partitions) {
    const numbers = byTopic.get(topic);
    if (numbers === undefined) byTopic.set(topic, [partition]);
    else numbers.push(partition);
  }
  return byTopic;
}

export function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([int16(bytes.length), bytes]);
}

export function list(items: readonly Buffer[]): Buffer {
  return Buffer.concat([int32(items.length), ...items]);
}

/** Throws where the bytes end too early: Node checks each read. */
export class Reader {
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
