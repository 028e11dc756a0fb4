import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutgoingRecord } from '../src/binding/binding.js';
import { tooLarge as check, MAX_GZIP_RECORD_BYTES, MAX_RECORD_BYTES } from '../src/sending/request-size.js';
import { CAPABLE } from './support/capabilities.js';
import { Consumers } from './support/consumers.js';
import { MemoryTransactions } from './support/memory-transactions.js';

const tooLarge = (one: OutgoingRecord, capabilities = CAPABLE) => check(one, capabilities);

const record = (value: Buffer | string | null, key: Buffer | null = null) => ({
  topic: 'orders',
  partition: 0,
  key,
  value,
  headers: [['n', Buffer.from('ab')] as const],
});

describe('a record', () => {
  const bytes = Buffer.alloc(MAX_RECORD_BYTES - 3);

  it('can be sent up to the limit, headers and their names included', () => {
    expect(tooLarge(record(bytes))).toBeUndefined();
    expect(tooLarge(record(null))).toBeUndefined();
    expect(tooLarge(record('x'))).toBeUndefined();
  });

  it('is MESSAGE_TOO_LARGE above it, as the broker would say, and its topic is named', () => {
    expect(tooLarge(record(bytes, Buffer.from('k')))).toMatchObject({
      code: 10,
      message: expect.stringContaining('for orders'),
    });
  });

  it('is measured in bytes where it is a text', () => {
    expect(tooLarge(record('ü'.repeat(MAX_RECORD_BYTES / 2 + 1)))).toMatchObject({ code: 10 });
  });

  it('is measured before its headers are made text, where the client carries text alone', () => {
    const value = Buffer.alloc(90_000_000);
    const binary = { ...record(value), headers: [['signature', Buffer.alloc(8_000_000, 0xff)]] as const };
    expect(tooLarge(binary)).toBeUndefined();
    const refusal = tooLarge(binary, { ...CAPABLE, binaryHeaders: false });
    expect(refusal).toMatchObject({ code: 10 });
    expect(refusal?.message).toMatch(/26666\d\d bytes of it come from its headers.*base64/);
    const text = { ...record(value), headers: [['text', Buffer.alloc(8_000_000, 'a')]] as const };
    expect(tooLarge(text, { ...CAPABLE, binaryHeaders: false })).toBeUndefined();
  });

  it('may be larger in gzip, within what can be compressed in memory', () => {
    const gzip = (size: number) => tooLarge({ ...record(Buffer.alloc(size)), gzip: true });
    expect(gzip(MAX_RECORD_BYTES + 1)).toBeUndefined();
    expect(gzip(MAX_GZIP_RECORD_BYTES + 1)).toMatchObject({ code: 10 });
  });
});

/** A client that can compress, and one that cannot. */
describe.each(['at-least-once', 'transactional'] as const)('a bomb in a source, handed off %s', (handOff) => {
  let consumers: Consumers;
  const bomb = Buffer.alloc(MAX_RECORD_BYTES + 1);

  beforeEach(() => {
    consumers = new Consumers();
    if (handOff === 'transactional')
      consumers.cluster.transactions = new MemoryTransactions(consumers.cluster);
  });
  afterEach(() => consumers.end());

  it('goes compressed, at the defaults: it is tried again, and the consumer lives', async () => {
    const { cluster, clock } = consumers;
    cluster.create('orders');
    const published: (boolean | undefined)[] = [];
    cluster.onPublish = ({ gzip }) => {
      published.push(gzip);
    };
    const { joined, told, consumer } = consumers.start(
      {
        handOff,
        handler: (_, { tier }) => {
          if (tier === 0) throw new Error('away');
        },
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s'] },
      },
      'publishRefused',
      'handOff',
      'success',
    );
    await joined;
    cluster.produce('orders', 0, { value: bomb }, 'after');
    await clock.advance(20_000);
    // The other one goes by itself, as it is.
    expect(published.sort()).toEqual([true, undefined]);
    expect(told('publishRefused')).toHaveLength(1);
    expect(told('handOff')).toHaveLength(2);
    expect(told('success').map(({ record }) => record.value?.length)).toEqual(
      expect.arrayContaining([bomb.length, 5]),
    );
    expect(consumer.health().state).toBe('running');
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it('is sent nowhere where the client cannot compress, goes down the ladder at once, and holds up nothing', async () => {
    const { cluster, clock } = consumers;
    cluster.gzip = false;
    cluster.create('orders');
    const published: number[] = [];
    cluster.onPublish = ({ value }) => {
      published.push(value?.length ?? 0);
    };
    const { joined, told } = consumers.start(
      {
        handOff,
        handler: ({ value }) => {
          if (value?.length !== 4) throw new Error('away');
        },
        retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s'] },
        refused: 'skip',
      },
      'publishRefused',
      'skipped',
      'success',
      'publishFailed',
    );
    await joined;
    cluster.produce('orders', 0, { value: bomb }, 'good');
    await clock.advance(20_000);
    expect(told('publishRefused').map(({ topic }) => topic)).toEqual([
      'orders-billing-retry-1s',
      'orders-billing-retry-1s',
      'orders-billing-dlt',
      'orders-billing-dlt',
    ]);
    expect(told('publishRefused')[2]?.explanation).toContain(
      '--topic orders-billing-dlt --add-config max.message.bytes',
    );
    expect(told('skipped')).toHaveLength(1);
    expect(told('success')).toHaveLength(1);
    expect(told('publishFailed')).toEqual([]);
    expect(published).toEqual([]);
    expect(cluster.committedOffset('orders')).toBe(2);
  });
});
