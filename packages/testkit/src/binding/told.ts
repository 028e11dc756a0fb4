import type { KafkaRecord, MemberSink, TopicPartition } from '@velo/engine';

/** A sink that keeps what it is told. */
export class Told implements MemberSink {
  readonly assignments: (readonly TopicPartition[])[] = [];
  readonly revoked: (readonly TopicPartition[])[] = [];
  readonly all: KafkaRecord[] = [];
  readonly crashes: unknown[] = [];
  losses = 0;
  readonly jumps: TopicPartition[] = [];
  readonly ends: (TopicPartition & { readonly next: number })[] = [];
  onRecords: (topic: string, partition: number, records: readonly KafkaRecord[]) => void = () => {};
  onRevoking: () => void = () => {};

  assignment(partitions: readonly TopicPartition[]): void {
    this.assignments.push(partitions);
  }

  async revoking(partitions: readonly TopicPartition[]): Promise<void> {
    this.revoked.push(partitions);
    this.onRevoking();
  }

  records(topic: string, partition: number, records: readonly KafkaRecord[]): void {
    this.all.push(...records);
    this.onRecords(topic, partition, records);
  }

  lost(): void {
    this.losses++;
  }

  reached(partition: TopicPartition, next: number): void {
    this.ends.push({ ...partition, next });
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
