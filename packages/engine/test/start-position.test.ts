import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientBinding, CommittedOffset, OffsetRange } from '../src/binding/binding.js';
import { METADATA_ROOM, withFinishedAhead } from '../src/offsets/offset-metadata.js';
import { type KnownPosition, UNKNOWN } from '../src/offsets/position-reset.js';
import { type StartPosition, startPositions } from '../src/offsets/start-position.js';
import { planConsumer } from '../src/plan/plan.js';

const NOTHING: CommittedOffset = { offset: -1, metadata: '' };
const LOG: OffsetRange = { earliest: 10, latest: 110 };
const TIER = 'orders-billing-retry-5s';

interface Given {
  readonly startFrom?: 'earliest' | 'latest';
  /** By partition. */
  readonly committed?: readonly CommittedOffset[];
  /** Of each topic. */
  readonly count?: number;
  readonly log?: OffsetRange;
  readonly topic?: string;
  readonly partition?: number;
  readonly offsetMetadata?: boolean;
  /** Of the partition. */
  readonly known?: KnownPosition;
}

/** Where one partition begins. */
async function begins(given: Given): Promise<StartPosition> {
  const { startFrom = 'latest', committed = [], count = 3, log = LOG } = given;
  const { topic = 'orders', partition = 0, offsetMetadata = true, known = UNKNOWN } = given;
  const client = {
    capabilities: { binaryHeaders: true, nullHeaders: true, gzip: true, offsetMetadata },
    partitionCount: async () => count,
    offsets: (partitions: readonly unknown[]) => partitions.map(async () => log),
    committed: async (_: string, partitions: readonly { partition: number }[]) =>
      partitions.map((one) => committed[one.partition] ?? NOTHING),
  } as unknown as ClientBinding;
  const retry = { tiers: ['5s'] } as const;
  const plan = planConsumer(
    { groupId: 'billing', topics: ['orders'], retry, startFrom, handler: () => {} },
    0,
  );
  const [beginning] = await startPositions(client, plan, [{ topic, partition, known }]);
  const [position] = (await beginning?.positions) ?? [];
  return position as StartPosition;
}

describe('what a commit tells to have finished beyond it', () => {
  const told = (committed: number) =>
    withFinishedAhead('velo:partitions=3;', { committed, spans: [{ begin: 25, end: 30 }] }, METADATA_ROOM);

  it('is passed over, and is no part of what later commits say', async () => {
    expect(await begins({ committed: [{ offset: 20, metadata: told(20) }] })).toMatchObject({
      offset: 20,
      metadata: 'velo:partitions=3;',
      finishedAhead: [{ begin: 25, end: 30 }],
    });
  });

  it.each([
    { what: 'was told with another offset, as one that somebody has set', offset: 20, metadata: told(19) },
    { what: 'belongs to an offset that the log no longer has', offset: 5, metadata: told(5) },
  ])('counts for nothing where it $what', async ({ offset, metadata }) => {
    const position = await begins({ committed: [{ offset, metadata }] });
    expect(position.finishedAhead).toBeUndefined();
    expect(position.metadata).toBe('velo:partitions=3;');
  });
});

describe('a partition that has a commit', () => {
  it('begins there, wherever the group would begin without one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('earliest', 'latest'),
        fc.nat(50),
        fc.nat(50),
        fc.nat(50),
        fc.string(),
        async (startFrom, earliest, before, after, metadata) => {
          const offset = earliest + before;
          const log = { earliest, latest: offset + after };
          const position = await begins({ startFrom, log, committed: [{ offset, metadata }] });
          expect(position).toEqual({
            topic: 'orders',
            partition: 0,
            offset,
            metadata,
            done: offset,
            fresh: false,
            seek: false,
          });
        },
      ),
    );
  });

  it('at 0 begins at 0: an empty log was committed before its first record', async () => {
    const position = await begins({
      committed: [{ offset: 0, metadata: '' }],
      log: { earliest: 0, latest: 9 },
    });
    expect(position).toMatchObject({ offset: 0, fresh: false, seek: false });
  });

  it.each(['earliest', 'latest'] as const)(
    'below the log begins at its earliest, which is committed and told: from %s',
    async (startFrom) => {
      const position = await begins({ startFrom, committed: [{ offset: 7, metadata: 'm' }] });
      expect(position).toEqual({
        topic: 'orders',
        partition: 0,
        offset: 10,
        metadata: 'm',
        done: 10,
        fresh: true,
        seek: true,
        outOfRange: { from: 7, passedOver: 3 },
      });
    },
  );

  it.each([
    { startFrom: 'earliest', topic: 'orders' },
    { startFrom: 'latest', topic: 'orders' },
    { startFrom: 'latest', topic: TIER },
  ] as const)(
    'beyond the log begins at its earliest, since nobody knows what was missed: $topic from $startFrom',
    async (given) => {
      const position = await begins({ ...given, committed: [{ offset: 111, metadata: '' }] });
      expect(position).toMatchObject({ offset: 10, done: 10, fresh: true, seek: true });
      expect(position.outOfRange).toEqual({
        from: 111,
        passedOver: 0,
        explanation: expect.stringMatching(
          /offset 111 of \S+, partition 0, but the log ends at 110.*earliest record, 10.*come again.*missed/,
        ),
      });
    },
  );

  it.each([LOG.earliest, LOG.latest])('at an end of the log, %i, is not out of range', async (offset) => {
    const position = await begins({ committed: [{ offset, metadata: '' }] });
    expect(position).toMatchObject({ offset, fresh: false });
    expect(position.outOfRange).toBeUndefined();
  });
});

describe('a partition that has none', () => {
  it.each([
    { what: 'earliest', given: { startFrom: 'earliest' }, offset: LOG.earliest },
    { what: 'latest', given: { startFrom: 'latest' }, offset: LOG.latest },
    { what: 'latest, of a tier', given: { startFrom: 'latest', topic: TIER }, offset: LOG.earliest },
    {
      what: 'latest, but kafkajs has said earliest',
      given: { startFrom: 'latest', committed: [{ offset: 'earliest', metadata: '' }] },
      offset: LOG.earliest,
    },
  ] as const)('begins as it should: $what', async ({ given, offset }) => {
    const position = await begins(given);
    expect(position).toMatchObject({ offset, fresh: true, seek: offset === LOG.latest });
    expect(position.metadata).toBe('velo:partitions=3;');
    expect(position.outOfRange).toBeUndefined();
  });

  it.each([
    { commits: ['velo:partitions=2;'], began: 2 },
    { commits: ['velo:partitions=12;'], began: 12 },
    { commits: ['velo:partitions=99;'], began: 20 },
    { commits: ['velo:partitions=4;', 'velo:partitions=3;', ''], began: 3 },
    {
      commits: ['x velo:partitions=2', 'velo:partitions=2 x', 'velo:partitions=', 'velo:partitions=-2'],
      began: 20,
    },
    { commits: ['velo:partitions=1234567890;'], began: 20 },
    { commits: [], began: 20 },
  ])('of a group that began with $began of 20, as commits say: $commits', async ({ commits, began }) => {
    const committed = commits.map((metadata) => ({ offset: 50, metadata }));
    for (let partition = commits.length; partition < 20; partition++) {
      const { offset, metadata } = await begins({ committed, count: 20, partition });
      expect([partition, offset]).toEqual([partition, partition < began ? LOG.latest : LOG.earliest]);
      expect(metadata).toBe(`velo:partitions=${began};`);
    }
  });

  it('carries no metadata where the client cannot', async () => {
    const position = await begins({ offsetMetadata: false, startFrom: 'earliest' });
    expect(position.metadata).toBe('');
  });
});

describe('a partition that this member knows', () => {
  const kept = (committed: number, accepted: number) => ({ committed, accepted, opened: true });
  const left = (committed: number) => ({ committed, accepted: 0, opened: false });

  it.each([
    { what: 'at what it has committed', known: kept(50, 70), committed: 50 },
    { what: 'at what another member has committed', known: kept(50, 70), committed: 90 },
    { what: 'at the end of the log, all of which it has read', known: kept(50, 110), committed: 50 },
  ])('goes on $what', async ({ known, committed: offset }) => {
    const position = await begins({ known, committed: [{ offset, metadata: '' }] });
    expect(position).toEqual({
      topic: 'orders',
      partition: 0,
      offset,
      metadata: '',
      done: offset,
      fresh: false,
      seek: false,
    });
  });

  it.each([
    { known: kept(50, 70), offset: 49, reason: 'moved-back', from: 70 },
    { known: left(50), offset: 49, reason: 'moved-back', from: 50 },
    { known: kept(50, 111), offset: 50, reason: 'log-shorter', from: 111 },
    { known: kept(50, 111), offset: 90, reason: 'log-shorter', from: 111 },
  ])('begins anew at the committed $offset: $reason', async ({ known, offset, ...reset }) => {
    const position = await begins({ known, committed: [{ offset, metadata: 'm' }] });
    expect(position).toEqual({
      topic: 'orders',
      partition: 0,
      offset,
      metadata: 'm',
      done: offset,
      fresh: false,
      seek: true,
      reset,
    });
  });

  it('begins anew at the earliest where it was moved back to what is deleted', async () => {
    const position = await begins({ known: kept(50, 70), committed: [{ offset: 4, metadata: '' }] });
    expect(position).toMatchObject({
      offset: 10,
      fresh: true,
      reset: { reason: 'moved-back', from: 70 },
      outOfRange: { from: 4, passedOver: 6 },
    });
  });

  it('begins anew at the earliest where what is committed lies beyond the end', async () => {
    const position = await begins({ known: kept(120, 150), committed: [{ offset: 120, metadata: '' }] });
    expect(position).toMatchObject({
      offset: 10,
      done: 10,
      fresh: true,
      reset: { reason: 'log-shorter', from: 150 },
      outOfRange: { from: 120, passedOver: 0 },
    });
  });

  it.each([
    { what: 'a lane that is kept', known: kept(50, 70), from: 70 },
    { what: 'one that was left', known: left(50), from: 50 },
  ])(
    'begins anew where it was moved beyond the end: $what, whose records are all in the log',
    async ({ known, from }) => {
      const position = await begins({ known, committed: [{ offset: 100_000, metadata: '' }] });
      expect(position).toMatchObject({
        offset: 10,
        done: 10,
        fresh: true,
        seek: true,
        reset: { reason: 'beyond-end', from },
        outOfRange: { from: 100_000, passedOver: 0 },
      });
    },
  );

  it.each([
    { startFrom: 'earliest', topic: 'orders', known: kept(50, 70), from: 70 },
    { startFrom: 'latest', topic: 'orders', known: kept(50, 70), from: 70 },
    { startFrom: 'latest', topic: 'orders', known: left(50), from: 50 },
    { startFrom: 'latest', topic: TIER, known: kept(0, 0), from: 0 },
  ] as const)(
    'begins anew at the earliest where the group has no offset any more: $topic from $startFrom',
    async ({ from, ...given }) => {
      for (const offset of [-1, 'earliest'] as const) {
        const position = await begins({ ...given, committed: [{ offset, metadata: '' }] });
        expect(position).toMatchObject({
          offset: 10,
          // Whoever meets another partition of the topic begins at its earliest, too.
          metadata: 'velo:partitions=0;',
          fresh: true,
          seek: true,
          reset: { reason: 'offset-gone', from },
        });
      }
    },
  );

  it('keeps what it has fetched where the log begins beyond what is committed', async () => {
    const committed = [{ offset: 4, metadata: '' }];
    const waits = { offset: 10, done: 4, fresh: true, seek: true };
    const position = await begins({ known: kept(4, 30), committed });
    expect(position).toMatchObject(waits);
    expect([position.reset, position.outOfRange]).toEqual([undefined, undefined]);
    expect(await begins({ known: kept(4, 8), committed })).toMatchObject({
      ...waits,
      outOfRange: { from: 8, passedOver: 2 },
    });
  });
});
