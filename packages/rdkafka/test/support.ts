import type {
  ClientBinding,
  KafkaRecord,
  MemberSink,
  OutgoingRecord,
  TopicPartition,
} from '@velo/retry-core/engine';
import type { EmbeddedBroker } from '@velo/testkit';
import library from 'node-rdkafka';
import { openRdKafkaClient } from '../src/index.js';

/** A client of a broker, with further properties. */
export function clientOn(
  { bootstrapServers }: Pick<EmbeddedBroker, 'bootstrapServers'>,
  properties: object = {},
): ClientBinding {
  return openRdKafkaClient(library, { 'bootstrap.servers': bootstrapServers, ...properties });
}

let count = 0;

/** A name that no other test has. */
export function unique(name: string): string {
  count++;
  return `${name}-${process.pid}-${count}`;
}

export function record(
  topic: string,
  partition: number,
  value: string | null,
  rest: Partial<OutgoingRecord> = {},
): OutgoingRecord {
  return { topic, partition, key: null, value, headers: [], ...rest };
}

/** What `call` is called back with. */
export function called<R = unknown>(
  call: (callback: (error: unknown, result: R) => void) => void,
): Promise<R> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/** A sink that keeps what it is told. */
export class Told implements MemberSink {
  readonly assignments: (readonly TopicPartition[])[] = [];
  readonly revoked: (readonly TopicPartition[])[] = [];
  readonly all: KafkaRecord[] = [];
  readonly crashes: unknown[] = [];
  readonly jumps: TopicPartition[] = [];
  onRecords: (topic: string, partition: number, records: readonly KafkaRecord[]) => void = () => {};
  onRevoking: () => void = () => {};
  onAssignment: (partitions: readonly TopicPartition[]) => void = () => {};

  assignment(partitions: readonly TopicPartition[]): void {
    this.assignments.push(partitions);
    this.onAssignment(partitions);
  }

  async revoking(partitions: readonly TopicPartition[]): Promise<void> {
    this.revoked.push(partitions);
    this.onRevoking();
  }

  records(topic: string, partition: number, records: readonly KafkaRecord[]): void {
    this.all.push(...records);
    this.onRecords(topic, partition, records);
  }

  outOfRange(partition: TopicPartition): void {
    this.jumps.push(partition);
  }

  crashed(error: unknown): void {
    this.crashes.push(error);
  }

  get values(): (string | undefined)[] {
    return this.all.map(({ value }) => value?.toString());
  }
}

/** Resolves as soon as `condition` holds; looked at every 5 ms. */
export async function until(condition: () => boolean, limit = 10_000): Promise<void> {
  const end = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${limit} ms: ${condition}`);
    await sleep(5);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
