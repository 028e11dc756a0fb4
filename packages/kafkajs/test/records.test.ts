import { noHeaders } from '@velo/engine';
import { describe, expect, it } from 'vitest';
import type { KafkaJsFetchedMessage } from '../src/api.js';
import { toRecords } from '../src/fetching/records.js';

const message = (rest: Partial<KafkaJsFetchedMessage> = {}): KafkaJsFetchedMessage => ({
  key: null,
  value: Buffer.from('v'),
  timestamp: '1700000000000',
  offset: '9007199254740993',
  headers: {},
  ...rest,
});

const one = (rest?: Partial<KafkaJsFetchedMessage>) => {
  const batch = { topic: 't', partition: 3, messages: [message(rest)], lastOffset: () => '0' };
  const [record] = toRecords(batch);
  if (record === undefined) throw new Error('no record');
  return record;
};

describe('toRecords', () => {
  it('keeps offsets as text and makes timestamps numbers', () => {
    expect(one()).toMatchObject({
      topic: 't',
      partition: 3,
      offset: '9007199254740993',
      timestamp: 1_700_000_000_000,
    });
    expect(one({ timestamp: '-1' }).timestamp).toBe(-1);
  });

  it.each([{ headers: {} }, { headers: undefined }])(
    'shares the headers of records without any: $headers',
    (rest) => {
      expect(one(rest).headers).toBe(noHeaders);
    },
  );

  it('keeps the order of repeated names, nulls and empty values', () => {
    const bytes = Buffer.from([0xff, 0]);
    // biome-ignore lint/suspicious/noExplicitAny: kafkajs gives nulls that its types do not have
    const headers: any = { a: bytes, b: [Buffer.from('1'), null, Buffer.from('')], c: null, d: 'text' };
    expect([...one({ headers }).headers]).toEqual([
      ['a', bytes],
      ['b', Buffer.from('1')],
      ['b', null],
      ['b', Buffer.alloc(0)],
      ['c', null],
      ['d', Buffer.from('text')],
    ]);
  });

  it('drops what kafkajs mixes in from Object.prototype under names such as constructor', () => {
    // biome-ignore lint/suspicious/noExplicitAny: what kafkajs 2.2.4 makes of one header of that name
    const headers: any = { constructor: [Object, Buffer.from('c')] };
    expect([...one({ headers }).headers]).toEqual([['constructor', Buffer.from('c')]]);
  });

  it('weighs headers that kafkajs has read, and reads them at the first look only', () => {
    let reads = 0;
    const { headers } = one({
      headers: {
        get a() {
          reads++;
          return 'x';
        },
      },
    });
    expect(reads).toBe(1);
    headers.get('a');
    headers.get('a');
    expect(reads).toBe(2);
  });
});
