import type { Clock } from '../clock.js';
import { classifyKafkaError } from '../errors/classify-kafka-error.js';
import { exponential } from '../strategies/exponential.js';
import type { OutgoingRecord, PublishOutcome } from './binding.js';
import { partitionKey } from './record.js';

/** A copy on its way to a tier or a dead-letter topic. */
export interface HandOff {
  readonly copy: OutgoingRecord;
  /** Asked right before each send: a copy whose partition was taken away is dropped; its new owner makes its own. */
  wanted(): boolean;
  /** The brokers have acknowledged it. */
  written(): void;
  /** It can never be written. */
  refused(error: unknown): void;
}

export interface HandOffOptions {
  readonly publish: (records: readonly OutgoingRecord[]) => Promise<readonly PublishOutcome[]>;
  /** Told of each failed send that is tried again. */
  readonly onRetry: (copy: OutgoingRecord, error: unknown, delay: number) => void;
  readonly clock: Clock;
}

/** In one send; kafkajs and the brokers take about 1 MB at their defaults. */
const MAX_BATCH_RECORDS = 500;
const MAX_BATCH_BYTES = 512 * 1024;
/** On their way at once; lanes wait for room above it, so an outage of the tiers costs bounded memory. */
const MAX_PENDING_RECORDS = 2_000;
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

const BACKOFF = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });

/**
 * Writes copies in batches, one batch at a time for each target partition, while the lanes go on. What fails for
 * a while is tried until it is written; the record's offset waits for it.
 */
export class HandOffs {
  readonly #options: HandOffOptions;
  readonly #targets = new Map<string, HandOff[]>();
  #pending = 0;
  #pendingBytes = 0;
  #failing = 0;
  #closed = false;
  #waiting: (() => void)[] = [];
  readonly #cancels = new Set<() => void>();

  constructor(options: HandOffOptions) {
    this.#options = options;
  }

  /** Copies that are not acknowledged yet. */
  get pending(): number {
    return this.#pending;
  }

  /** Whether sends fail at present. */
  get failing(): boolean {
    return this.#failing > 0;
  }

  add(handOff: HandOff): void {
    this.#pending++;
    this.#pendingBytes += bytesOf(handOff.copy);
    const key = partitionKey(handOff.copy.topic, handOff.copy.partition);
    const queue = this.#targets.get(key);
    if (queue !== undefined) {
      queue.push(handOff);
      return;
    }
    this.#targets.set(key, [handOff]);
    void this.#drain(key);
  }

  /** Resolves when there is room for more; `undefined` if there is now. */
  room(): Promise<void> | undefined {
    if (this.#pending < MAX_PENDING_RECORDS && this.#pendingBytes < MAX_PENDING_BYTES) return undefined;
    return this.#changed();
  }

  /** Resolves when nothing is pending any more, or after `close`. */
  async idle(): Promise<void> {
    while (this.#pending > 0 && !this.#closed) await this.#changed();
  }

  /** Gives up what is pending: its offsets are not committed, so it is not lost. */
  close(): void {
    this.#closed = true;
    for (const cancel of this.#cancels) cancel();
    this.#wake();
  }

  async #drain(key: string): Promise<void> {
    const queue = this.#targets.get(key) as HandOff[];
    let failures = 0;
    // One turn of the event loop's microtasks lets the copies of the same round join the first batch.
    await Promise.resolve();
    while (queue.length > 0 && !this.#closed) {
      const batch = this.#take(queue);
      if (batch.length === 0) continue;
      const { again, error } = this.#sort(batch, await this.#publish(batch));
      if (again.length === 0) {
        if (failures > 0) this.#failing--;
        failures = 0;
        continue;
      }
      queue.unshift(...again);
      const delay = BACKOFF.delay(failures);
      if (failures++ === 0) this.#failing++;
      this.#options.onRetry((again[0] as HandOff).copy, error, delay);
      await this.#sleep(delay);
    }
    if (failures > 0) this.#failing--;
    this.#targets.delete(key);
  }

  /** Settles what is written or refused; gives back what is to be tried again. */
  #sort(
    batch: readonly HandOff[],
    outcomes: readonly PublishOutcome[],
  ): { again: HandOff[]; error: unknown } {
    const again: HandOff[] = [];
    let failure: unknown;
    for (const [i, handOff] of batch.entries()) {
      const outcome = outcomes[i] ?? { written: false, error: new Error('The client gave no outcome.') };
      if (outcome.written) {
        this.#settle(handOff, () => handOff.written());
        continue;
      }
      const { error } = outcome;
      if (classifyKafkaError(error).retry) {
        again.push(handOff);
        failure = error;
      } else this.#settle(handOff, () => handOff.refused(error));
    }
    return { again, error: failure };
  }

  async #publish(batch: readonly HandOff[]): Promise<readonly PublishOutcome[]> {
    try {
      return await this.#options.publish(batch.map(({ copy }) => copy));
    } catch (error) {
      return batch.map(() => ({ written: false, error }));
    }
  }

  #take(queue: HandOff[]): HandOff[] {
    const batch: HandOff[] = [];
    let bytes = 0;
    while (queue.length > 0 && batch.length < MAX_BATCH_RECORDS) {
      const next = queue[0] as HandOff;
      if (!next.wanted()) {
        queue.shift();
        this.#settle(next, () => {});
        continue;
      }
      bytes += bytesOf(next.copy);
      if (batch.length > 0 && bytes > MAX_BATCH_BYTES) break;
      queue.shift();
      batch.push(next);
    }
    return batch;
  }

  #settle(handOff: HandOff, tell: () => void): void {
    this.#pending--;
    this.#pendingBytes -= bytesOf(handOff.copy);
    tell();
    this.#wake();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#cancels.delete(cancelAndWake);
        resolve();
      };
      const cancel = this.#options.clock.schedule(ms, wake);
      const cancelAndWake = () => {
        cancel();
        wake();
      };
      this.#cancels.add(cancelAndWake);
    });
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

function bytesOf({ key, value, headers }: OutgoingRecord): number {
  return headers.reduce(
    (sum, [name, text]) => sum + name.length + (text?.length ?? 0),
    (key?.length ?? 0) + (value?.length ?? 0),
  );
}
