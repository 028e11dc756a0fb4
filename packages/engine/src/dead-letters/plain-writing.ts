import { type Clock, exponential, foreignMessage, VeloError } from '@velo/retry-core';
import type { ClientBinding, OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { encodeHeaders } from '../binding/header-codec.js';
import { isMissingTopic } from '../failures/client-error.js';
import { RecordWriter } from '../sending/record-writer.js';
import { UnansweredSends } from '../sending/unanswered-sends.js';
import type { Share, ShareEnd, Writing } from './writing.js';

const STRATEGY = /* @__PURE__ */ exponential({ initial: 100, multiplier: 2, max: 5_000 });
/** How long a copy or an entry is tried, ms: as Kafka's `delivery.timeout.ms`. */
const LIMIT = 120_000;

/** Copies first, then what the ledger says of them. */
export class PlainWriting implements Writing {
  readonly #client: ClientBinding;
  readonly #clock: Clock;
  readonly #writer: RecordWriter;
  /** Topics that were deleted meanwhile. */
  readonly #gone = new Set<string>();

  constructor(client: ClientBinding, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    const { capabilities } = client;
    const unanswered = new UnansweredSends(client, clock);
    this.#writer = new RecordWriter({
      capabilities,
      publish: async (records) => {
        const encoded = records.map((record) => ({
          ...record,
          headers: encodeHeaders(record.headers, capabilities),
        }));
        return unanswered.judgeAll(records, await client.publish(encoded));
      },
      strategy: STRATEGY,
      onRetry: (record, error) => void this.#lookFor(record.topic, error),
      clock,
    });
  }

  async secure(): Promise<void> {}

  async write(shares: readonly Share[]): Promise<readonly ShareEnd[]> {
    const jobs = shares.flatMap((share) => share.jobs);
    const ends = new Map(
      await Promise.all(
        jobs.map(async (job) => [job, job.copy ? await this.#send(job.copy) : WRITTEN] as const),
      ),
    );
    // What was copied is written down, whatever has become of the others.
    const known = jobs.filter((job) => isKnown(ends.get(job)));
    const entries = await Promise.all(
      known.map((job) => this.#send(job.entry(ends.get(job) as PublishOutcome))),
    );
    const refused = entries.find(({ written }) => !written);
    if (refused !== undefined) throw unwritten(known[0]?.entry(WRITTEN), refused);
    const lost = jobs.find((job) => !isKnown(ends.get(job)));
    if (lost !== undefined) throw unwritten(lost.copy, ends.get(lost));
    return shares.map((share) => ({ ends: share.jobs.map((job) => ends.get(job) as PublishOutcome) }));
  }

  close(): void {
    this.#writer.close();
  }

  #send(record: OutgoingRecord): Promise<PublishOutcome> {
    const start = this.#clock.now();
    let last: unknown;
    return new Promise((resolve) => {
      this.#writer.add({
        record,
        wanted: () => !this.#gone.has(record.topic) && this.#clock.now() - start < LIMIT,
        written: (offset) => resolve({ written: true, offset }),
        refused: (error) => resolve({ written: false, error }),
        failed: (error) => {
          last = error;
        },
        dropped: () =>
          resolve({ written: false, error: this.#gone.has(record.topic) ? gone(record) : new Lost(last) }),
      });
    });
  }

  async #lookFor(topic: string, error: unknown): Promise<void> {
    if (!isMissingTopic(error)) return;
    if ((await this.#client.partitionCount(topic).catch(() => undefined)) === 0) this.#gone.add(topic);
  }
}

const WRITTEN: PublishOutcome = { written: true };

/** Of a copy that may have been written or not. */
class Lost {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

function isKnown(end: PublishOutcome | undefined): boolean {
  return end !== undefined && (end.written || !(end.error instanceof Lost));
}

function gone({ topic }: OutgoingRecord): VeloError {
  return new VeloError(
    'VELO_TOPIC_MISSING',
    `The topic ${topic} does not exist any more. Nothing is lost: the dead letters stay open. Create it, or replay with to: { topic }.`,
  );
}

function unwritten(record: OutgoingRecord | undefined, end: PublishOutcome | undefined): VeloError {
  const error = end?.written === false ? end.error : undefined;
  const cause = error instanceof Lost ? error.cause : error;
  const place = record === undefined ? 'a topic' : `${record.topic}, partition ${record.partition}`;
  return new VeloError(
    error instanceof Lost ? 'VELO_TIMEOUT' : 'VELO_CLIENT',
    `A record for ${place} was not acknowledged: ${foreignMessage(cause)}. What was written down before stays so; copies of the batch that was under way may stand there, and go again with the next call. See that the brokers take records there, and call it again.`,
    { cause },
  );
}
