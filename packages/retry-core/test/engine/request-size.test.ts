import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_RECORD_BYTES, tooLarge } from '../../src/engine/request-size.js';
import { Consumers } from './support/consumers.js';
import { MemoryTransactions } from './support/memory-transactions.js';

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
});

describe.each(['at-least-once', 'transactional'] as const)('a bomb in a source, handed off %s', (handOff) => {
  let consumers: Consumers;
  const bomb = Buffer.alloc(MAX_RECORD_BYTES + 1);

  beforeEach(() => {
    consumers = new Consumers();
    if (handOff === 'transactional')
      consumers.cluster.transactions = new MemoryTransactions(consumers.cluster);
  });
  afterEach(() => consumers.end());

  it('is sent nowhere, goes down the ladder at once, and holds up nothing', async () => {
    const { cluster, clock } = consumers;
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
