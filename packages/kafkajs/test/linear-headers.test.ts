import { exactHeaders } from '@velo/testkit/binding';
import { describe, expect, it, vi } from 'vitest';
import { ByteReader } from '../src/quirks/byte-reader.js';
import { linearHeaders } from '../src/quirks/linear-headers.js';
import type { AnswerReader } from '../src/quirks/private-cluster.js';
import { readHeaders } from '../src/quirks/raw-headers.js';
import { messagesOf as messagesIn, takeApart } from '../src/quirks/record-sets.js';
import { readerOf, requireBare } from './support.js';

const Encoder = requireBare('kafkajs/src/protocol/encoder');
const Record = requireBare('kafkajs/src/protocol/recordBatch/record/v0');
const { RecordBatch } = requireBare('kafkajs/src/protocol/recordBatch/v0');
const OldMessage = requireBare('kafkajs/src/protocol/message/v1');

interface Message {
  offset: string;
  headers: Buffer | undefined;
}
interface Fetched {
  responses: { topicName: string; partitions: { partition: number; messages: Message[] }[] }[];
}

type Header = readonly [name: string, value: Buffer | string | null];

/** A record set of one batch, as kafkajs writes it. */
async function batch(records: { value: string | null; headers?: Header[] }[], options = {}): Promise<Buffer> {
  const encoded = await RecordBatch({
    records: records.map(({ value, headers = [] }, offsetDelta) =>
      Record({
        key: `k${offsetDelta}`,
        value,
        headers: exactHeaders(headers),
        offsetDelta,
        timestampDelta: 5,
      }),
    ),
    firstOffset: 7,
    firstTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_000_900,
    lastOffsetDelta: records.length - 1,
    ...options,
  });
  return encoded.buffer;
}

/** An answer to a fetch with these record sets, one for each partition; null: without one. */
function answer(apiVersion: number, sets: readonly (Buffer | null)[]): Buffer {
  const encoder = new Encoder().writeInt32(0);
  if (apiVersion >= 7) encoder.writeInt16(0).writeInt32(9);
  encoder.writeInt32(1).writeString('topic').writeInt32(sets.length);
  sets.forEach((set, partition) => {
    encoder.writeInt32(partition).writeInt16(0).writeInt64(100).writeInt64(99);
    if (apiVersion >= 5) encoder.writeInt64(1);
    // As many aborted transactions as the partition's number.
    encoder.writeInt32(partition);
    for (let i = 0; i < partition; i++) encoder.writeInt64(i).writeInt64(i);
    if (apiVersion >= 11) encoder.writeInt32(-1);
    encoder.writeBytes(set);
  });
  return encoder.buffer;
}

function bare(apiVersion: number): AnswerReader<Fetched> {
  return requireBare(`kafkajs/src/protocol/requests/fetch/v${apiVersion}/response`);
}

const decode = async (apiVersion: number, raw: Buffer): Promise<Fetched> =>
  (await readerOf(linearHeaders, 'Fetch', bare(apiVersion), apiVersion)).decode(raw);

const messagesOf = ({ responses }: Fetched): Message[] =>
  responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));

/** What velo uses of kafkajs's messages, but for the headers. */
const fields = (message: object) =>
  Object.fromEntries(
    ['offset', 'timestamp', 'key', 'value', 'isControlRecord'].map((name) => [
      name,
      Reflect.get(message, name),
    ]),
  );

describe('answers to a fetch', () => {
  it.each([4, 5, 6, 7, 8, 9, 10, 11])(
    'are what kafkajs makes of them, but for headers and undone transactions: version %i',
    async (version) => {
      const plain = await batch([{ value: 'a' }, { value: null, headers: [['h', 'x']] }, { value: '' }]);
      const raw = answer(version, [
        plain,
        Buffer.concat([
          plain,
          await batch([{ value: 'b' }], { firstOffset: 10, producerId: 4, transactional: true }),
        ]),
        null,
        await batch([{ value: 'packed' }, { value: 'too' }], { compression: 1 }),
        // Cut off, as brokers do at their limit of bytes.
        Buffer.concat([plain, plain.subarray(0, -3)]),
        Buffer.alloc(0),
      ]);
      const [ours, theirs] = [await decode(version, raw), await bare(version).decode(raw)];
      expect(messagesOf(ours).map(fields)).toEqual(messagesOf(theirs).map(fields));
      expect(messagesOf(ours)).toHaveLength(12);
      const context = (message: object) => ({ batchContext: { ...Reflect.get(message, 'batchContext') } });
      messagesOf(theirs).forEach((message, i) => {
        expect(context(message)).toMatchObject(context(messagesOf(ours)[i] as Message));
      });
      const shell = (one: Fetched) =>
        JSON.stringify(one, (key, value) =>
          key === 'messages' || key === 'abortedTransactions' ? undefined : value,
        );
      expect(shell(ours)).toBe(shell(theirs));
    },
  );

  it('with a log’s own time carry that', async () => {
    const raw = await batch([{ value: 'a' }]);
    raw.writeInt16BE(raw.readInt16BE(21) | 0x08, 21);
    const [message] = messagesOf(await decode(11, answer(11, [raw])));
    expect(message).toMatchObject({ timestamp: '1700000000900' });
  });

  it('older than Kafka 0.11 are left to kafkajs', async () => {
    const old = OldMessage({ key: 'k', value: 'old', timestamp: 5 });
    const set = new Encoder().writeInt64(3).writeInt32(old.size()).writeEncoder(old).buffer;
    const padded = Buffer.concat([set, set, set]);
    const messages = messagesOf(await decode(11, answer(11, [padded, await batch([{ value: 'new' }])])));
    expect(messages.map(({ offset }) => offset)).toEqual(['3', '3', '3', '7']);
  });

  it('in a codec that nobody has registered fail as kafkajs does', async () => {
    const set = await batch([{ value: 'a' }]);
    set.writeInt16BE(4, 21);
    await expect(decode(11, answer(11, [set]))).rejects.toThrow('ZSTD compression not implemented');
  });

  it('that are cut or garbled anywhere come to an end', async () => {
    const raw = answer(11, [await batch([{ value: 'a', headers: [['h', 'x']] }])]);
    const codecs = () => undefined;
    for (let at = 0; at < raw.length; at++) {
      const flipped = Buffer.from(raw.map((byte, i) => (i === at ? 0xff : byte)));
      for (const garbled of [raw.subarray(0, at), flipped]) {
        for (const set of takeApart(garbled, 11, codecs).sets) {
          for (const { headers } of await messagesIn(set ?? [], codecs))
            readHeaders(headers ?? Buffer.alloc(0));
        }
      }
    }
  });
});

describe('headers', () => {
  const headersOf = async (headers: Header[], options = {}) => {
    const set = await batch([{ value: 'x', headers }], options);
    const [message] = messagesOf(await decode(11, answer(11, [set])));
    return message?.headers === undefined ? undefined : readHeaders(message.headers);
  };

  it.each(['plain', 'packed'])(
    'come in their order, with names that repeat or mean something to JavaScript: %s',
    async (how) => {
      const headers: Header[] = [
        ['b', '1'],
        ['a', null],
        ['b', '2'],
        ['', ''],
        ['__proto__', 'p'],
        ['constructor', 'c'],
        ['7', 'number'],
        ['ünï', Buffer.from([0, 255])],
        ['a', 'x'.repeat(300)],
      ];
      const bytes = headers.map(([name, value]) => [name, value === null ? null : Buffer.from(value)]);
      expect(await headersOf(headers, { compression: how === 'packed' ? 1 : 0 })).toEqual(bytes);
      expect(Object.getPrototypeOf({})).toBe(Object.prototype);
    },
  );

  it('are not there where a record has none', async () => {
    expect(await headersOf([])).toBeUndefined();
  });

  it('take work in proportion to their number', async () => {
    const varint = vi.spyOn(ByteReader.prototype, 'varint');
    const work = async (count: number) => {
      varint.mockClear();
      await headersOf(Array.from({ length: count }, (_, i) => [`h${i}`, '']));
      return varint.mock.calls.length;
    };
    const few = await work(100);
    expect(few).toBeLessThan(250);
    expect(await work(10_000)).toBeLessThanOrEqual(few * 100);
    varint.mockRestore();
  });
});
