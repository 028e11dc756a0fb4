import type { Clock, RetryStrategy } from '@velo/retry-core';
import type { ClientCapabilities, OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { partitionKey } from '../binding/record.js';
import { Sleepers } from '../binding/sleepers.js';
import { passes } from '../failures/client-error.js';
import { Backlog, bytesOf } from './backlog.js';
import type { HandOffs } from './hand-offs.js';
import type { TopicPatience } from './patience.js';
import type { PendingRecord } from './pending-record.js';
import type { RecordLane } from './record-lane.js';
import { tooLarge } from './request-size.js';
import { sendApart } from './send-apart.js';

export interface RecordWriterOptions {
  readonly capabilities: ClientCapabilities;
  readonly publish: (records: readonly OutgoingRecord[]) => Promise<readonly PublishOutcome[]>;
  /** The waits between failed sends to one partition. */
  readonly strategy: RetryStrategy;
  /** Told of each failed send that is tried again. */
  readonly onRetry: (record: OutgoingRecord, error: unknown, delay: number) => void;
  /**
   * How long topics are tried again that have taken records before, and now refuse them for missing rights. @default
   * none: a refusal is the end
   */
  readonly patience?: TopicPatience | undefined;
  readonly clock: Clock;
}

/** In one send; kafkajs and the brokers take about 1 MB at their defaults. */
export const MAX_BATCH_RECORDS = 500;
export const MAX_BATCH_BYTES = 512 * 1024;

/**
 * Writes records in batches, one batch at a time for each partition: their order stays, and what comes while a batch
 * is under way goes together with the next. What fails for a while is tried until it is written or not wanted.
 */
export class RecordWriter implements HandOffs {
  readonly #options: RecordWriterOptions;
  readonly #targets = new Map<string, PendingRecord[]>();
  readonly #backlog = new Backlog();
  #failing = 0;
  readonly #end = new AbortController();
  /** Partitions whose sends have failed, until the next send or the end. */
  readonly #sleepers: Sleepers;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
    this.#sleepers = new Sleepers(options.clock);
  }

  /** Records that are not acknowledged yet. */
  get pending(): number {
    return this.#backlog.size;
  }

  /** Whether sends fail at present. */
  get failing(): boolean {
    return this.#failing > 0;
  }

  /** @param lane the one whose record it is a copy of, if it is one */
  add(pending: PendingRecord, lane?: RecordLane): void {
    const key = partitionKey(pending.record.topic, pending.record.partition);
    this.#backlog.add(pending, key, lane);
    const queue = this.#targets.get(key);
    if (queue !== undefined) {
      queue.push(pending);
      return;
    }
    this.#targets.set(key, [pending]);
    void this.#drain(key);
  }

  room(lane: RecordLane): Promise<void> | undefined {
    return this.#backlog.room(lane);
  }

  /** A copy goes by itself, and its record's offset waits for it: where its lane stands makes no difference. */
  opened(): void {}

  moved(): void {}

  gone(): void {}

  /** Resolves when nothing is pending any more, or after `close`. */
  async idle(): Promise<void> {
    while (this.#backlog.size > 0 && !this.#end.signal.aborted) await this.#backlog.changed();
  }

  /** Drops what is not sent yet; what is under way still gets its answer. */
  close(): void {
    this.#end.abort();
    this.#sleepers.wake();
    this.#backlog.wake();
  }

  async #drain(key: string): Promise<void> {
    const queue = this.#targets.get(key) as PendingRecord[];
    let failures = 0;
    // One turn of the event loop's microtasks lets the copies of the same round join the first batch.
    await Promise.resolve();
    while (queue.length > 0 && !this.#end.signal.aborted) {
      const batch = this.#take(queue);
      if (batch.length === 0) continue;
      const { again, error } = this.#sort(batch, await this.#publish(batch));
      if (again.length === 0) {
        if (failures > 0) this.#failing--;
        failures = 0;
        this.#backlog.mark(key, false);
        continue;
      }
      queue.unshift(...again);
      if (this.#end.signal.aborted) break;
      const delay = this.#options.strategy.delay(failures);
      if (failures++ === 0) this.#failing++;
      this.#backlog.mark(key, true);
      this.#options.onRetry((again[0] as PendingRecord).record, error, delay);
      await this.#sleepers.sleep(delay);
    }
    if (failures > 0) this.#failing--;
    this.#targets.delete(key);
    for (const left of queue) this.#settle(left, () => left.dropped());
  }

  /** Settles what is written or refused; gives back what is to be tried again. */
  #sort(
    batch: readonly PendingRecord[],
    outcomes: readonly PublishOutcome[],
  ): { again: PendingRecord[]; error: unknown } {
    const again: PendingRecord[] = [];
    let failure: unknown;
    for (const [i, pending] of batch.entries()) {
      const outcome = outcomes[i] ?? {
        written: false,
        error: new Error(
          `The client has not told whether the record for ${pending.record.topic}, partition ${pending.record.partition}, was written. Nothing is lost: it is sent again, and may stand there twice. If it happens again, tell whoever has bound the client.`,
        ),
      };
      if (outcome.written) {
        this.#options.patience?.worked(pending.record.topic);
        this.#settle(pending, () => pending.written(outcome.offset));
        continue;
      }
      const { error } = outcome;
      if (this.#mayPass(pending.record, error)) {
        again.push(pending);
        pending.failed?.(error);
        failure = error;
      } else this.#settle(pending, () => pending.refused(error));
    }
    return { again, error: failure };
  }

  #mayPass({ topic }: OutgoingRecord, error: unknown): boolean {
    return passes(error) || this.#options.patience?.bears(topic, error) === true;
  }

  async #publish(batch: readonly PendingRecord[]): Promise<readonly PublishOutcome[]> {
    // A record that is too large is alone in its batch.
    const error =
      batch.length === 1
        ? tooLarge((batch[0] as PendingRecord).record, this.#options.capabilities)
        : undefined;
    if (error !== undefined) return [{ written: false, error }];
    return sendApart(
      batch.map(({ record }) => record),
      async (records) => {
        try {
          return await this.#options.publish(records);
        } catch (error) {
          return records.map(() => ({ written: false, error }));
        }
      },
    );
  }

  #take(queue: PendingRecord[]): PendingRecord[] {
    const batch: PendingRecord[] = [];
    let bytes = 0;
    while (queue.length > 0 && batch.length < MAX_BATCH_RECORDS) {
      const next = queue[0] as PendingRecord;
      if (!next.wanted()) {
        queue.shift();
        this.#settle(next, () => next.dropped());
        continue;
      }
      bytes += bytesOf(next.record);
      if (batch.length > 0 && (bytes > MAX_BATCH_BYTES || next.record.gzip)) break;
      queue.shift();
      batch.push(next);
      if (next.record.gzip) break;
    }
    return batch;
  }

  #settle(pending: PendingRecord, tell: () => void): void {
    this.#backlog.remove(pending);
    tell();
  }
}
