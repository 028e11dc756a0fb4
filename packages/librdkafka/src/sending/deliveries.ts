import { closed, type OutgoingRecord, type PublishOutcome, within, withoutHeaders } from '@velo/engine';
import { sleep } from '@velo/retry-core';
import type { RdKafkaProducer } from '../api.js';
import { listen } from '../connection/listen.js';
import { CODES, coded, codeOf } from '../errors/codes.js';
import { undelivered } from '../errors/errors.js';
import { OldBrokers } from '../errors/old-brokers.js';
import type { ClientFacts } from '../facts.js';
import { toBytes, toHeaders } from './messages.js';

/** ms. How often acknowledgements are looked for. */
const POLL_INTERVAL = 1;

/** Records of one call on their way: counted down, without a promise for each. */
class Batch {
  readonly outcomes: PublishOutcome[];
  readonly done: Promise<readonly PublishOutcome[]>;
  #left: number;
  #resolve: (outcomes: readonly PublishOutcome[]) => void = () => {};

  constructor(size: number) {
    this.outcomes = new Array(size);
    this.#left = size;
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  settle(index: number, outcome: PublishOutcome): void {
    if (this.outcomes[index] !== undefined) return;
    this.outcomes[index] = outcome;
    if (--this.#left === 0) this.#resolve(this.outcomes);
  }

  settleAll(outcome: PublishOutcome): void {
    for (let i = 0; i < this.outcomes.length; i++) this.settle(i, outcome);
  }
}

/** What the client carries along and gives back in the report. */
class Delivery {
  readonly #batch: Batch;
  readonly #index: number;
  readonly hasHeaders: boolean;

  constructor(batch: Batch, index: number, hasHeaders: boolean) {
    this.#batch = batch;
    this.#index = index;
    this.hasHeaders = hasHeaders;
  }

  report(error: unknown, offset: number): void {
    const outcome: PublishOutcome = error
      ? { written: false, error: undelivered(error, this.hasHeaders) }
      : { written: true, offset: String(offset) };
    this.#batch.settle(this.#index, outcome);
  }
}

/** What one producer has under way. Polls only while there is something. */
export class Deliveries {
  readonly #producer: RdKafkaProducer;
  readonly #facts: ClientFacts;
  readonly #batches = new Set<Batch>();
  readonly #oldBrokers = new OldBrokers();
  #timer: ReturnType<typeof setInterval> | undefined;
  #ended = false;
  #idle: (() => void) | undefined;

  constructor(producer: RdKafkaProducer, facts: ClientFacts) {
    this.#producer = producer;
    this.#facts = facts;
    listen(producer, 'event.log', (line) => this.#oldBrokers.read(line));
    listen(producer, 'delivery-report', (error, { opaque, offset, topic }) => {
      if (!(opaque instanceof Delivery)) return;
      // librdkafka has known its broker for longer than the record that it has written there.
      const areLost = opaque.hasHeaders && this.#oldBrokers.any;
      opaque.report(areLost ? withoutHeaders(facts.name, topic) : error, offset);
    });
  }

  /** Hands records to librdkafka in their order; while its queue is full, waits. One outcome for each. */
  async send(records: readonly OutgoingRecord[]): Promise<readonly PublishOutcome[]> {
    if (records.length === 0) return [];
    const batch = new Batch(records.length);
    this.#begin(batch);
    try {
      for (let i = 0; i < records.length; i++) {
        while (!this.#ended && !this.#produce(records[i] as OutgoingRecord, batch, i))
          await sleep(POLL_INTERVAL);
      }
      return await batch.done;
    } finally {
      this.#finish(batch);
    }
  }

  /** Waits for what is under way, then gives it up. */
  async end(limit: number): Promise<void> {
    if (this.#batches.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      await within(limit, idle);
    }
    this.#ended = true;
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const batch of this.#batches) batch.settleAll({ written: false, error: closed() });
  }

  /** @returns false while librdkafka's queue is full */
  #produce(
    { topic, partition, key, value, headers, timestamp }: OutgoingRecord,
    batch: Batch,
    index: number,
  ): boolean {
    const facts = this.#facts;
    try {
      if (headers.length > 0 && this.#oldBrokers.any) throw withoutHeaders(facts.name, topic);
      const bytes = toBytes(facts, value, 'value');
      const keyBytes = toBytes(facts, key, 'key');
      const delivery = new Delivery(batch, index, headers.length > 0);
      const written = toHeaders(facts, headers);
      this.#producer.produce(topic, partition, bytes, keyBytes, timestamp, delivery, written);
    } catch (error) {
      if (codeOf(error) === CODES.QUEUE_FULL) return false;
      batch.settle(index, { written: false, error: coded(error) });
    }
    return true;
  }

  #begin(batch: Batch): void {
    this.#batches.add(batch);
    if (this.#ended) batch.settleAll({ written: false, error: closed() });
    else this.#timer ??= setInterval(() => this.#producer.poll(), POLL_INTERVAL);
  }

  #finish(batch: Batch): void {
    this.#batches.delete(batch);
    if (this.#batches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#idle?.();
  }
}
