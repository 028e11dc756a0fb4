import {
  type ClientBinding,
  type GroupMember,
  type KafkaRecord,
  lazyHeaders,
  type MemberSink,
  noHeaders,
  type OutgoingRecord,
} from '@velo/engine';
import { memoryBinding } from '../lane/memory-binding.js';

/** A Kafka of one consumer, whose topics have one partition each: what is written is delivered at once. */
export class MemoryKafka {
  readonly #wallTime: () => number;
  readonly #logs = new Map<string, KafkaRecord[]>();
  #member: MemoryMember | undefined;

  constructor(wallTime: () => number) {
    this.#wallTime = wallTime;
  }

  log(topic: string): readonly KafkaRecord[] {
    return this.#logOf(topic);
  }

  write(topic: string, { key = null, value = null, headers = [] }: Partial<OutgoingRecord> = {}): string {
    const log = this.#logOf(topic);
    const offset = String(log.length);
    const entries = headers.map(([name, text]) => [name, bytes(text)] as const);
    const size = entries.reduce((sum, [name, text]) => sum + name.length + (text?.length ?? 0), 0);
    log.push({
      topic,
      partition: 0,
      offset,
      timestamp: this.#wallTime(),
      key: bytes(key),
      value: bytes(value),
      headers: entries.length === 0 ? noHeaders : lazyHeaders(() => entries, size),
    });
    this.#member?.feed(topic);
    return offset;
  }

  bind(): ClientBinding {
    return memoryBinding({
      listTopics: async () => [...this.#logs.keys()],
      offsets: (partitions) =>
        partitions.map(async ({ topic }) => ({ earliest: 0, latest: this.log(topic).length })),
      publish: async (records) =>
        records.map((record) => ({ written: true as const, offset: this.write(record.topic, record) })),
      join: async ({ topics }, sink) => {
        this.#member = new MemoryMember(topics, sink, (topic) => this.log(topic));
        return this.#member;
      },
    });
  }

  #logOf(topic: string): KafkaRecord[] {
    const log = this.#logs.get(topic) ?? [];
    this.#logs.set(topic, log);
    return log;
  }
}

/** Feeds what it owns from the beginning, but for what is paused. */
class MemoryMember implements GroupMember {
  readonly transactions = undefined;
  readonly #sink: MemberSink;
  readonly #log: (topic: string) => readonly KafkaRecord[];
  readonly #next: Map<string, number>;
  readonly #paused = new Set<string>();

  constructor(topics: readonly string[], sink: MemberSink, log: (topic: string) => readonly KafkaRecord[]) {
    this.#sink = sink;
    this.#log = log;
    this.#next = new Map(topics.map((topic) => [topic, 0]));
    setImmediate(() => {
      sink.assignment(topics.map((topic) => ({ topic, partition: 0 })));
      for (const topic of topics) this.feed(topic);
    });
  }

  feed(topic: string): void {
    const from = this.#next.get(topic);
    const records = this.#log(topic);
    if (from === undefined || from === records.length || this.#paused.has(topic)) return;
    this.#next.set(topic, records.length);
    this.#sink.records(topic, 0, records.slice(from));
  }

  pause(partitions: readonly { readonly topic: string }[]): void {
    for (const { topic } of partitions) this.#paused.add(topic);
  }

  resume(partitions: readonly { readonly topic: string }[]): void {
    for (const { topic } of partitions) {
      this.#paused.delete(topic);
      setImmediate(() => this.feed(topic));
    }
  }

  seek({ topic, offset }: { readonly topic: string; readonly offset: number }): void {
    this.#next.set(topic, offset);
  }

  async commit(): Promise<void> {}
  contact() {
    return { sinceAnswer: 0, overdue: [] };
  }

  async stop(): Promise<void> {
    this.#next.clear();
  }
}

function bytes(value: Buffer | string | null): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
