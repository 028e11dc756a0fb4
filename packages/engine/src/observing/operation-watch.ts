import { callSafely } from '@velo/retry-core';
import type {
  ClientBinding,
  HandOver,
  OutgoingRecord,
  PublishOutcome,
  TransactionOutcome,
} from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import type { ClientOperation, OperationObserver } from './observer.js';
import type { Watching } from './watching.js';

type Subject = Omit<ClientOperation, 'duration' | 'error'>;

/** The client, with its sends measured. */
export function watchClient(client: ClientBinding, operations: OperationWatch | undefined): ClientBinding {
  if (operations === undefined) return client;
  return { ...client, publish: (records) => operations.send(records, (all) => client.publish(all)) };
}

/** Measures the client's requests for observers. */
export class OperationWatch {
  readonly #observers: readonly Required<OperationObserver>[];
  readonly #watching: Watching;

  constructor(observers: readonly Required<OperationObserver>[], watching: Watching) {
    this.#observers = observers;
    this.#watching = watching;
  }

  async commit(offsets: readonly TopicPartition[], commit: () => Promise<void>): Promise<void> {
    const [first, ...others] = offsets;
    const topic = others.every((other) => other.topic === first?.topic) ? first?.topic : undefined;
    const partition = others.length === 0 ? first?.partition : undefined;
    const subject = { name: 'commit', topic, partition, count: offsets.length } as const;
    const since = this.#watching.now();
    try {
      await commit();
      this.#tell(subject, since, undefined);
    } catch (error) {
      this.#tell(subject, since, error);
      throw error;
    }
  }

  /** Copies and offsets of several partitions, in one transaction or in one for each. */
  async transact(
    handOvers: readonly HandOver[],
    transact: () => Promise<readonly TransactionOutcome[]>,
  ): Promise<readonly TransactionOutcome[]> {
    const since = this.#watching.now();
    const outcomes = await transact();
    for (const [i, { copies }] of handOvers.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) continue;
      const error = outcome.committed ? undefined : outcome.error;
      const [first, ...others] = copies;
      const topic = others.every((other) => other.topic === first?.topic) ? first?.topic : undefined;
      this.#tell({ name: 'transact', topic, partition: undefined, count: copies.length }, since, error);
    }
    return outcomes;
  }

  /** A send of records of one partition. */
  async send(
    records: readonly OutgoingRecord[],
    publish: (records: readonly OutgoingRecord[]) => Promise<readonly PublishOutcome[]>,
  ): Promise<readonly PublishOutcome[]> {
    const since = this.#watching.now();
    const { topic, partition } = records[0] as OutgoingRecord;
    const subject = { name: 'send', topic, partition } as const;
    try {
      const outcomes = await publish(records);
      const failed = outcomes.flatMap((outcome) => (outcome.written ? [] : [outcome.error]));
      const written = records.length - failed.length;
      if (written > 0) this.#tell({ ...subject, count: written }, since, undefined);
      if (failed.length > 0) this.#tell({ ...subject, count: failed.length }, since, failed[0]);
      return outcomes;
    } catch (error) {
      this.#tell({ ...subject, count: records.length }, since, error);
      throw error;
    }
  }

  #tell(subject: Subject, since: number, error: unknown): void {
    const operation: ClientOperation = { ...subject, duration: this.#watching.now() - since, error };
    for (const observer of this.#observers)
      callSafely(() => observer.operation(operation), this.#watching.report);
  }
}
