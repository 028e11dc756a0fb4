import type { FetchedBatch, FetchedBatches, PlatformaticLibrary } from '../api.js';
import { CLIENT } from '../errors.js';

/** Where fields of a batch stand, in bytes (Kafka's DefaultRecordBatch). */
const LENGTH_AT = 8;
const FORMAT_AT = 16;
const LAST_DELTA_AT = 23;
/** What the length does not count, and what it is at the least. */
const BEFORE_LENGTH = 12;
const LEAST_LENGTH = 49;
/** The one that the client reads. */
const FORMAT = 2;

/** Batches as a broker sent them. Each is decoded when it is asked for, by the client. */
export class UndecodedBatches implements FetchedBatches {
  readonly #library: PlatformaticLibrary;
  readonly #bytes: Buffer;

  constructor(library: PlatformaticLibrary, bytes: Buffer) {
    this.#library = library;
    this.#bytes = bytes;
  }

  get end(): number | undefined {
    let end: number | undefined;
    for (const batch of this.#undecoded())
      end = Number(batch.readBigInt64BE()) + batch.readInt32BE(LAST_DELTA_AT) + 1;
    return end;
  }

  /** @throws for bytes that are none */
  *[Symbol.iterator](): Generator<FetchedBatch, void> {
    const { Reader, readRecordsBatch } = this.#library;
    for (const batch of this.#undecoded()) yield readRecordsBatch(Reader.from(batch));
  }

  *#undecoded(): Generator<Buffer, void> {
    const bytes = this.#bytes;
    for (let from = 0; from + BEFORE_LENGTH <= bytes.length; ) {
      const length = bytes.readInt32BE(from + LENGTH_AT);
      const format = from + FORMAT_AT < bytes.length ? bytes.readInt8(from + FORMAT_AT) : FORMAT;
      if (format !== FORMAT)
        throw new RangeError(
          `message format ${format} (before Kafka 0.11) is none that ${CLIENT} reads; @velo/kafkajs reads it`,
        );
      if (length < LEAST_LENGTH) throw new RangeError(`a batch of ${length} bytes is none`);
      const to = from + BEFORE_LENGTH + length;
      // An answer may end within a batch: the next one has all of it.
      if (to > bytes.length) return;
      yield bytes.subarray(from, to);
      from = to;
    }
  }
}
