import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FetchedBatch, FetchedPartition } from '../src/api.js';
import { nextPosition, readPartition } from '../src/fetching/records.js';
import { fetched } from './support.js';

const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/** One step of a log: a producer writes, within a transaction or not, or ends its transaction. */
type Step =
  | { readonly does: 'writes'; readonly producer: number; readonly transactional: boolean }
  | { readonly does: 'commits' | 'aborts'; readonly producer: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('writes' as const), producer: fc.nat(2), transactional: fc.boolean() }),
  fc.record({ does: fc.constantFrom('commits' as const, 'aborts' as const), producer: fc.nat(2) }),
);

/** A log of one record a batch, as brokers show it to readers of committed records, and what of it is committed. */
interface Log {
  readonly answer: FetchedPartition;
  readonly batches: readonly FetchedBatch[];
  /** Their offsets, in order. */
  readonly committed: readonly number[];
}

function logOf(steps: readonly Step[]): Log {
  const batches: FetchedBatch[] = [];
  const aborted: { producerId: bigint; firstOffset: bigint }[] = [];
  const open = new Map<number, number[]>();
  const committed: number[] = [];
  const append = (producer: number, attributes: number, key: Buffer | null) => {
    const offset = batches.length;
    batches.push({
      firstOffset: BigInt(offset),
      lastOffsetDelta: 0,
      firstTimestamp: 0n,
      maxTimestamp: 0n,
      attributes,
      producerId: BigInt(producer),
      records: [{ offsetDelta: 0, timestampDelta: 0n, key, value: null, headers: [] }],
    });
    return offset;
  };
  const end = (producer: number, commits: boolean) => {
    const offsets = open.get(producer);
    if (offsets === undefined) return;
    open.delete(producer);
    append(producer, TRANSACTIONAL | CONTROL, Buffer.from([0, 0, 0, commits ? 1 : 0]));
    if (commits) committed.push(...offsets);
    else aborted.push({ producerId: BigInt(producer), firstOffset: BigInt(offsets[0] as number) });
  };
  for (const one of steps) {
    if (one.does !== 'writes') end(one.producer, one.does === 'commits');
    // A producer writes outside of transactions under another id.
    else if (!one.transactional) committed.push(append(-1, 0, Buffer.from([0, 0, 0, 0])));
    else
      open.set(one.producer, [...(open.get(one.producer) ?? []), append(one.producer, TRANSACTIONAL, null)]);
  }
  for (const producer of open.keys()) end(producer, false);
  const answer = { errorCode: 0, partitionIndex: 0, abortedTransactions: aborted, records: fetched(batches) };
  return { answer, batches, committed: committed.sort((a, b) => a - b) };
}

function offsetsOf(answer: FetchedPartition, position: number): number[] {
  return [...readPartition('a', answer, position)].flat().map(({ offset }) => Number(offset));
}

describe('an answer with transactions', () => {
  it('gives what is committed, in order, and is read to its end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { answer, batches, committed } = logOf(steps);
        expect(offsetsOf(answer, 0)).toEqual(committed);
        expect(nextPosition('a', answer, 0)).toBe(batches.length);
      }),
    );
  });

  it('that ends before the marker shows nothing of what was aborted', () => {
    const { answer, batches } = logOf([{ does: 'writes', producer: 1, transactional: true }]);
    const cut = { ...answer, records: fetched(batches.slice(0, 1)) };
    expect(offsetsOf(cut, 0)).toEqual([]);
    expect(nextPosition('a', cut, 0)).toBe(1);
  });

  it('gives nothing below the position', () => {
    const writes = { does: 'writes', producer: 1, transactional: false } as const;
    const { answer } = logOf([writes, writes, writes]);
    expect(offsetsOf(answer, 2)).toEqual([2]);
  });
});

it('a time of the log is that of the whole batch, as the broker wrote it', () => {
  const { answer, batches } = logOf([{ does: 'writes', producer: 1, transactional: false }]);
  const logged = { ...(batches[0] as FetchedBatch), attributes: 0x08, firstTimestamp: 5n, maxTimestamp: 9n };
  const [records] = readPartition('a', { ...answer, records: fetched([logged]) }, 0);
  expect(records?.[0]?.timestamp).toBe(9);
});
