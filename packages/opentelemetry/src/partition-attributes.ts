import type { Attributes } from '@opentelemetry/api';
import * as names from './conventions.js';

/** The attributes of metrics of a partition, made once. */
export class PartitionAttributes {
  readonly #common: Attributes;
  readonly #isApart: boolean;
  readonly #topics = new Map<string, Attributes[]>();

  /** @param isApart whether partitions are told apart */
  constructor(common: Attributes, isApart: boolean) {
    this.#common = common;
    this.#isApart = isApart;
  }

  of(topic: string, partition: number): Attributes {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = [];
      this.#topics.set(topic, partitions);
    }
    const index = this.#isApart ? partition : 0;
    let attributes = partitions[index];
    if (attributes === undefined) {
      attributes = { ...this.#common, [names.DESTINATION_NAME]: topic };
      if (this.#isApart) attributes[names.PARTITION_ID] = String(partition);
      partitions[index] = attributes;
    }
    return attributes;
  }
}
