import * as client from '@platformatic/kafka';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FetchedBatch, PlatformaticLibrary, PlatformaticReader } from '../src/api.js';
import { UndecodedBatches } from '../src/fetching/undecoded-batches.js';
import { readFetch } from '../src/fetching/undecoded-fetches.js';
import type { Requests } from '../src/requests.js';

const library = client as unknown as PlatformaticLibrary;
const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17];

interface Part {
  readonly errorCode: number;
  readonly aborted: readonly bigint[] | null;
  /** Records of each batch; null: none, and no bytes either. */
  readonly batches: readonly number[] | null;
  readonly cut: number;
}

const part: fc.Arbitrary<Part> = fc.record({
  errorCode: fc.constantFrom(0, 1, 6),
  aborted: fc.option(fc.array(fc.bigInt(0n, 99n), { maxLength: 3 })),
  batches: fc.option(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 })),
  cut: fc.nat(60),
});
const topics = fc.array(fc.array(part, { maxLength: 3 }), { maxLength: 3 });
const compression = fc.constantFrom('none', 'gzip');

function bytesOf({ batches, cut }: Part, algorithm: string): Buffer | null {
  if (batches === null) return null;
  let offset = 0;
  const all = batches.map((count) => {
    const messages = Array.from({ length: count }, (_, i) => ({
      topic: 'a',
      key: Buffer.from(`key ${i}`),
      value: i % 2 === 0 ? null : Buffer.from(`value ${i}`),
      headers: new Map([[Buffer.from('header'), Buffer.from(String(i))]]),
      timestamp: BigInt(1_000 + i),
    }));
    const batch = client.createRecordsBatch(messages as never, { compression: algorithm } as never).buffer;
    batch.writeBigInt64BE(BigInt(offset));
    offset += count;
    return batch;
  });
  const whole = Buffer.concat(all);
  // An answer may end within a batch that is not its first one.
  return all.length > 1 ? whole.subarray(0, whole.length - cut) : whole;
}

/** As a broker writes it. */
function answerOf(parts: readonly (readonly Part[])[], version: number, algorithm: string): Buffer {
  const isFlexible = version >= 12;
  const writer = client.Writer.create().appendInt32(0);
  if (version >= 7) writer.appendInt16(0).appendInt32(0);
  writer.appendArray(
    parts as never,
    (w: client.Writer, list: readonly Part[], index: number) => {
      if (version >= 13) w.appendUUID(`00000000-0000-0000-0000-00000000000${index}`);
      else w.appendString(`topic ${index}`, isFlexible);
      w.appendArray(
        list as never,
        (p: client.Writer, one: Part, partition: number) => {
          p.appendInt32(partition).appendInt16(one.errorCode).appendInt64(9n).appendInt64(9n);
          if (version >= 5) p.appendInt64(0n);
          const aborted = one.aborted?.map((firstOffset) => ({ firstOffset })) ?? null;
          p.appendArray(
            aborted as never,
            (a: client.Writer, { firstOffset }: { firstOffset: bigint }) =>
              a.appendInt64(7n).appendInt64(firstOffset),
            isFlexible,
            isFlexible,
          );
          if (version >= 11) p.appendInt32(-1);
          p.appendBytes(bytesOf(one, algorithm) as never, isFlexible);
        },
        isFlexible,
        isFlexible,
      );
    },
    isFlexible,
    isFlexible,
  );
  if (isFlexible) writer.appendTaggedFields();
  return writer.buffer;
}

/** All that velo looks at. */
function plain({ errorCode = 0, responses }: Requests['fetch']['answer']): object {
  const batchOf = ({ firstOffset, lastOffsetDelta, attributes, records }: FetchedBatch) => {
    const list = records.map(({ offsetDelta, timestampDelta, key, value, headers }) => [
      offsetDelta,
      timestampDelta,
      key?.toString(),
      value?.toString(),
      headers.map(([name, text]) => `${name}: ${text}`),
    ]);
    return { firstOffset, lastOffsetDelta, attributes, list };
  };
  return {
    errorCode,
    responses: responses.map(({ topicId, partitions }) => ({
      topicId,
      partitions: partitions.map(({ partitionIndex, errorCode: code, abortedTransactions, records }) => ({
        partitionIndex,
        code,
        abortedTransactions,
        records: [...(records ?? [])].map(batchOf),
      })),
    })),
  };
}

/** What the client itself makes of it, codes of errors or not. */
function byClient(version: number, bytes: Buffer): Requests['fetch']['answer'] {
  const { parseResponse } = library[`fetchV${version}`] as { parseResponse(...args: unknown[]): never };
  try {
    return parseResponse(1, 1, version, client.Reader.from(bytes));
  } catch (error) {
    return (error as { response: Requests['fetch']['answer'] }).response;
  }
}

const readerOf = (bytes: Buffer) => client.Reader.from(bytes) as unknown as PlatformaticReader;

describe('the answer to a fetch', () => {
  it.each(VERSIONS)('of version %i is what the client reads', (version) => {
    fc.assert(
      fc.property(topics, compression, (parts, algorithm) => {
        const bytes = answerOf(parts, version, algorithm);
        const answer = readFetch(library, version, readerOf(bytes));
        expect(plain(answer)).toEqual(plain(byClient(version, bytes)));
      }),
      { numRuns: 40 },
    );
  });

  it.each([4, 11, 12, 17])('of version %i, cut off anywhere before its end, is none', (version) => {
    const one = { errorCode: 0, aborted: [1n], batches: [1], cut: 0 };
    const bytes = answerOf([[one]], version, 'none');
    // Behind it stand tagged fields alone, which are not looked at.
    const end = version >= 12 ? bytes.length - 3 : bytes.length;
    for (let length = 0; length < end; length++) {
      const read = () => readFetch(library, version, readerOf(bytes.subarray(0, length)));
      expect(read, `${length} of ${bytes.length} bytes`).toThrow();
    }
  });
});

describe('batches', () => {
  const bytes = bytesOf({ errorCode: 0, aborted: null, batches: [2, 3], cut: 0 }, 'none') as Buffer;
  const changed = (at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeInt32BE(value, at);
    return copy;
  };

  it('tell their end without being decoded', () => {
    const undecoded = new UndecodedBatches({ ...library, readRecordsBatch: () => expect.fail() }, bytes);
    expect(undecoded.end).toBe(5);
    expect(new UndecodedBatches(library, Buffer.alloc(0)).end).toBeUndefined();
    expect(new UndecodedBatches(library, bytes.subarray(0, bytes.length - 1)).end).toBe(2);
  });

  it.each([-(2 ** 31), -1, 0, 48])('of %i bytes are refused', (length) => {
    const undecoded = new UndecodedBatches(library, changed(8, length));
    expect(() => undecoded.end).toThrow(`a batch of ${length} bytes is none`);
    expect(() => [...undecoded]).toThrow(RangeError);
  });

  it('of an old message format are refused', () => {
    const copy = Buffer.from(bytes);
    copy.writeInt8(1, 16);
    expect(() => [...new UndecodedBatches(library, copy)]).toThrow('message format 1');
  });

  it('are decoded to their end, or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 5),
        fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
        (at, value) => {
          const undecoded = new UndecodedBatches(library, changed(at, value));
          try {
            expect([...undecoded].length).toBeLessThanOrEqual(2);
          } catch (error) {
            expect(error).toBeInstanceOf(Error);
          }
        },
      ),
    );
  });
});
