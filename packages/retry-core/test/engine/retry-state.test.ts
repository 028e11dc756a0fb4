import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/engine/failure.js';
import { lazyHeaders } from '../../src/engine/headers.js';
import type { KafkaHeader, KafkaRecord } from '../../src/engine/record.js';
import { copyHeaders, initialState, readRetryState } from '../../src/engine/retry-state.js';

const record = (headers: readonly KafkaHeader[] = []): KafkaRecord => ({
  topic: 'orders-billing-retry-5s',
  partition: 1,
  offset: '77',
  timestamp: 99,
  key: null,
  value: null,
  headers: lazyHeaders(() => headers),
});
const stored = (headers: ReturnType<typeof copyHeaders>): KafkaHeader[] =>
  headers.map(([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value]);

const anyText = fc.string({ unit: 'binary', maxLength: 3_000 });
const anyError = fc.oneof(
  anyText.map((message) => new Error(message)),
  fc.anything(),
  fc.constant(
    new Proxy(
      {},
      {
        get() {
          throw new Error('hostile');
        },
      },
    ),
  ),
);

describe('retry state', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.nat(),
        fc.nat(2 ** 31 - 1),
        fc.maxSafeNat(),
        fc.integer({ min: -1, max: 2 ** 45 }),
        (attempts, due, partition, offset, timestamp) => {
          const state = { attempts, due, topic: 'orders', partition, offset: String(offset), timestamp };
          const headers = stored(
            copyHeaders(record(), state, 'billing', failureOf(new Error('x'), record(), 'handler'), { due }),
          );
          expect(readRetryState(record(headers), 'billing', Number.MAX_SAFE_INTEGER)).toEqual(state);
        },
      ),
    );
  });

  it('whatever the headers hold, reading never throws and stays within its bounds', () => {
    const name = fc.constantFrom(
      'velo-attempt',
      'velo-due',
      'velo-original-topic',
      'velo-original-partition',
      'velo-original-offset',
      'velo-original-timestamp',
      'velo-group',
    );
    const value = fc.option(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }).map(Buffer.from),
        fc.anything().map((v) => Buffer.from(String(JSON.stringify(v)))),
        fc.double().map((n) => Buffer.from(String(n))),
      ),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (headers) => {
        const state = readRetryState(
          record([...headers, ['velo-group', Buffer.from('billing')]]),
          'billing',
          1_000,
        );
        expect(state.attempts).toSatisfy((n: number) => Number.isInteger(n) && n >= 0 && n <= 1e6);
        expect(state.due).toSatisfy((n: number) => n >= 0 && n <= 1_000);
        expect(state.partition).toSatisfy((n: number) => Number.isInteger(n) && n >= 0);
        expect(state.offset).toMatch(/^-?\d+$/);
      }),
    );
  });

  it('of another group is not believed', () => {
    const headers = stored(
      copyHeaders(
        record(),
        { ...initialState(record()), attempts: 9 },
        'other',
        failureOf('x', record(), 'handler'),
        { due: 5 },
      ),
    );
    expect(readRetryState(record(headers), 'billing', 1_000)).toEqual(initialState(record()));
  });

  it('headers of the user stay as they were, in their order, doubles and nulls too; velo’s own are replaced', () => {
    const own: KafkaHeader[] = [
      ['trace', Buffer.from([0, 255])],
      ['a', null],
      ['trace', Buffer.from('')],
      ['velo-attempt', Buffer.from('99')],
    ];
    const headers = copyHeaders(
      record(own),
      { ...initialState(record()), attempts: 2 },
      'billing',
      failureOf('x', record(), 'handler'),
      { reason: 'exhausted' },
    );
    expect(headers.slice(0, 3)).toEqual(own.slice(0, 3));
    expect(headers.filter(([name]) => name === 'velo-attempt')).toEqual([['velo-attempt', '2']]);
  });

  it('whatever was thrown, headers are made, on one line, and within 4 KiB', () => {
    fc.assert(
      fc.property(anyError, (error) => {
        const headers = copyHeaders(
          record(),
          initialState(record()),
          'billing',
          failureOf(error, record(), 'handler'),
          { reason: 'permanent' },
        );
        const size = headers.reduce(
          (sum, [name, value]) => sum + name.length + Buffer.byteLength(value ?? ''),
          0,
        );
        expect(size).toBeLessThan(4_096 + 600);
        for (const [, value] of headers) expect(value).not.toMatch(/[\n\r\0]/);
      }),
    );
  });
});
