import { isLegalPartition } from '../binding/legal-partition.js';
import { namePartitions } from '../binding/name-partitions.js';
import { partitionKey, type TopicPartition } from '../binding/record.js';
import type { Emitter } from '../observing/events.js';
import type { Logger } from '../plan/config.js';

export interface MisassignmentsOptions {
  readonly groupId: string;
  readonly events: Emitter;
  readonly logger: Logger;
}

/** Tells of partitions that the group's leader has assigned and that are not there: of each once in an assignment. */
export class Misassignments {
  readonly #options: MisassignmentsOptions;
  readonly #told = new Set<string>();

  constructor(options: MisassignmentsOptions) {
    this.#options = options;
  }

  /** All that the member is assigned from now on. */
  assigned(partitions: readonly TopicPartition[]): void {
    this.#told.clear();
    this.#tell(
      partitions.filter((partition) => !isLegalPartition(partition)),
      'cannot exist',
      'They are left alone, and nothing is lost.',
    );
  }

  /** By their count, the brokers do not have these. */
  absent(partitions: readonly TopicPartition[]): void {
    this.#tell(
      partitions,
      'the brokers do not have',
      'Nothing is lost: they are looked for again, and others go on. If no topic is just being made larger, then:',
    );
  }

  #tell(partitions: readonly TopicPartition[], why: string, meaning: string): void {
    const fresh = partitions.filter(
      ({ topic, partition }) => !this.#told.has(partitionKey(topic, partition)),
    );
    if (fresh.length === 0) return;
    for (const { topic, partition } of fresh) this.#told.add(partitionKey(topic, partition));
    const { groupId, events, logger } = this.#options;
    logger.warn(
      `The leader of group ${groupId} has assigned partitions that ${why}: ${namePartitions(fresh)}. ${meaning} Another member of the group assigns by rules of its own: find it with kafka-consumer-groups --describe --members.`,
    );
    events.emit('misassigned', { partitions: fresh });
  }
}
