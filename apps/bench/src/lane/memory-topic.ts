import type { ClientBinding, GroupMember, KafkaRecord, MemberSink } from '@velo/engine';
import { memoryBinding } from './memory-binding.js';

export const TOPIC = 'bench';

/** Records that a client hands over at once, as a fetch brings them. */
const FETCH = 500;

/** Where this topic is, for whoever asks which partition. */
const THE_PARTITION = { topic: TOPIC, partition: 0 };

/**
 * A client that has fetched a partition before it is asked: what a record costs with it is what velo costs. It heeds `pause`
 * and `resume`, as a client does.
 *
 * @param record the record at an offset, from 0 on; `undefined` at the end
 */
export function bindMemoryTopic(record: (offset: number) => KafkaRecord | undefined): ClientBinding {
  return memoryBinding({
    listTopics: async () => [TOPIC],
    offsets: (partitions) => partitions.map(async () => ({ earliest: 0, latest: 0 })),
    publish: async (records) => records.map(() => ({ written: true })),
    join: async (_, sink) => new MemoryMember(record, sink),
  });
}

class MemoryMember implements GroupMember {
  readonly transactions = undefined;
  readonly #record: (offset: number) => KafkaRecord | undefined;
  readonly #sink: MemberSink;
  #next = 0;
  #paused = false;
  #feeding = false;

  constructor(record: (offset: number) => KafkaRecord | undefined, sink: MemberSink) {
    this.#record = record;
    this.#sink = sink;
    setImmediate(() => {
      sink.assignment([THE_PARTITION]);
      this.#feed();
    });
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#feed();
  }

  /** In a turn of its own, as what comes from a socket. */
  #feed(): void {
    if (this.#feeding) return;
    this.#feeding = true;
    setImmediate(() => {
      this.#feeding = false;
      while (!this.#paused) {
        const records = this.#fetch();
        if (records.length === 0) return;
        this.#sink.records(TOPIC, THE_PARTITION.partition, records);
      }
    });
  }

  #fetch(): KafkaRecord[] {
    const records: KafkaRecord[] = [];
    while (records.length < FETCH) {
      const record = this.#record(this.#next);
      if (record === undefined) break;
      records.push(record);
      this.#next++;
    }
    return records;
  }

  seek(): void {}
  async commit(): Promise<void> {}
  contact() {
    return { sinceAnswer: 0, overdue: [] };
  }

  async stop(): Promise<void> {
    this.#paused = true;
  }
}
