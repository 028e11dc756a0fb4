import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type LedgerEntry,
  ledgerKey,
  readLedgerEntry,
  readLedgerKey,
  writeLedgerEntry,
} from '../../src/dead-letters/ledger-entry.js';

const entry = fc.record({
  action: fc.constantFrom('replayed', 'discarded', 'refused'),
  at: fc.nat(),
  run: fc.stringMatching(/^[a-z0-9-]{1,20}$/),
  written: fc.integer(),
  topicId: fc.option(fc.stringMatching(/^[a-zA-Z0-9_-]{1,22}$/), { nil: undefined }),
  to: fc.option(
    fc.record({
      topic: fc.stringMatching(/^[a-z]{1,20}$/),
      partition: fc.nat(1_000),
      offset: fc.option(fc.nat().map(String), { nil: undefined }),
    }),
    { nil: undefined },
  ),
  note: fc.option(fc.stringMatching(/^[a-z]{1,30}$/), { nil: undefined }),
  error: fc.option(fc.stringMatching(/^[a-z]{1,30}$/), { nil: undefined }),
}) as fc.Arbitrary<LedgerEntry>;

const read = (value: string) => readLedgerEntry({ value: Buffer.from(value) });

describe('an entry of the ledger', () => {
  it('says again what was written', () => {
    fc.assert(
      fc.property(entry, (given) => {
        expect(read(writeLedgerEntry(given))).toEqual(given);
      }),
    );
  });

  it('is read totally: whatever stands there, it throws nothing, and shows nothing that is unbounded or unprintable', () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map(Buffer.from),
    );
    fc.assert(fc.property(any, (value) => void readLedgerEntry({ value })));
    const hostile = { v: 1, action: 'discarded', at: 1, run: 'r', written: 2 };
    const told = read(
      JSON.stringify({
        ...hostile,
        note: `\u001b[2J${'x'.repeat(9_000)}`,
        to: { topic: '../x', partition: 0 },
      }),
    );
    expect(told?.note?.length).toBeLessThanOrEqual(500);
    expect(told?.note).not.toContain('\u001b');
    expect(told?.to).toBeUndefined();
    expect(read(JSON.stringify({ ...hostile, action: 'deleted' }))).toBeUndefined();
    expect(read(JSON.stringify({ ...hostile, v: 2 }))).toBeUndefined();
    expect(read(JSON.stringify({ ...hostile, note: 'x'.repeat(20_000) }))).toBeUndefined();
    expect(read('null')).toBeUndefined();
  });

  const least = { v: 1, action: 'replayed', at: 5, run: 'r', written: 7 };

  it.each(['v', 'action', 'at', 'run', 'written'] as const)('is none without its %s', (name) => {
    expect(read(JSON.stringify(least))).toMatchObject({ action: 'replayed', at: 5, run: 'r', written: 7 });
    const { [name]: _, ...rest } = least;
    for (const wrong of [{}, { [name]: null }, { [name]: [] }, { [name]: 1.5 }])
      expect(read(JSON.stringify({ ...rest, ...wrong }))).toBeUndefined();
  });

  it('is none without a value, or with one that velo would not have written', () => {
    expect(readLedgerEntry({ value: null })).toBeUndefined();
    expect(read('{')).toBeUndefined();
    const long = (bytes: number) => {
      const text = JSON.stringify({ ...least, more: '' });
      return JSON.stringify({ ...least, more: 'x'.repeat(bytes - text.length) });
    };
    expect(read(long(16_384))).toBeDefined();
    expect(read(long(16_385))).toBeUndefined();
  });

  it('keeps what velo writes within bounds: a note, an error', () => {
    const note = 'n'.repeat(600);
    const error = `\u001b[2J${'e'.repeat(600)}`;
    const written = JSON.parse(
      writeLedgerEntry({ action: 'refused', at: 1, run: 'r', written: 2, note, error } as LedgerEntry),
    );
    expect(written.note).toBe('n'.repeat(500));
    expect(written.error.length).toBeLessThanOrEqual(500);
    expect(written.error).not.toContain('\u001b');
    const bare = JSON.parse(
      writeLedgerEntry({ action: 'refused', at: 1, run: 'r', written: 2 } as LedgerEntry),
    );
    expect(Object.keys(bare)).toEqual(['v', 'action', 'at', 'run', 'written']);
  });

  it.each<[unknown, unknown]>([
    [
      { topic: 't', partition: 0, offset: '12' },
      { topic: 't', partition: 0, offset: '12' },
    ],
    [
      { topic: 't', partition: 3 },
      { topic: 't', partition: 3, offset: undefined },
    ],
    [
      { topic: 't', partition: 3, offset: 12 },
      { topic: 't', partition: 3, offset: undefined },
    ],
    [
      { topic: 't', partition: 3, offset: 'x1' },
      { topic: 't', partition: 3, offset: undefined },
    ],
    [
      { topic: 't', partition: 3, offset: '1x' },
      { topic: 't', partition: 3, offset: undefined },
    ],
    [
      { topic: 't', partition: 3, offset: '1'.repeat(20) },
      { topic: 't', partition: 3, offset: undefined },
    ],
    [{ topic: 't', partition: -1 }, undefined],
    [{ topic: 't', partition: 0.5 }, undefined],
    [{ topic: 't', partition: '0' }, undefined],
    [{ topic: 5, partition: 0 }, undefined],
    [{ partition: 0 }, undefined],
    ['t', undefined],
  ])('tells where a copy went as far as that is legal: %j', (to, told) => {
    expect(read(JSON.stringify({ ...least, to }))?.to).toEqual(told);
  });

  it('is found by partition and offset, and by no other key', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.maxSafeNat(), (partition, offset) => {
        const key = Buffer.from(ledgerKey({ partition, offset: String(offset) }));
        expect(readLedgerKey(key)).toEqual({ partition, offset });
      }),
    );
    for (const key of [
      '',
      'none',
      '1',
      '1:',
      ':1',
      '-1:2',
      '1:2:3',
      '1:99999999999999999',
      ' 1:2',
      '1:2\n',
      '12345678901:2',
    ])
      expect(readLedgerKey(Buffer.from(key))).toBeUndefined();
    expect(readLedgerKey(null)).toBeUndefined();
  });
});
