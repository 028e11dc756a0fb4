import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClientBinding, CommittedOffset, OffsetRange } from '../../src/engine/binding.js';
import { planConsumer } from '../../src/engine/plan.js';
import { type StartPosition, startPositions } from '../../src/engine/start-position.js';

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
}

/** Where one partition begins. */
async function begins(given: Given): Promise<StartPosition> {
  const { startFrom = 'latest', committed = [], count = 3, log = LOG } = given;
  const { topic = 'orders', partition = 0, offsetMetadata = true } = given;
  const client = {
    capabilities: { binaryHeaders: true, nullHeaders: true, offsetMetadata },
    partitionCount: async () => count,
    offsets: async (partitions: readonly unknown[]) => partitions.map(() => log),
    committed: async (_: string, partitions: readonly { partition: number }[]) =>
      partitions.map((one) => committed[one.partition] ?? NOTHING),
  } as unknown as ClientBinding;
  const retry = { tiers: ['5s'] } as const;
  const plan = planConsumer(
    { groupId: 'billing', topics: ['orders'], retry, startFrom, handler: () => {} },
    0,
  );
  const [position] = await startPositions(client, plan, [{ topic, partition }]);
  return position as StartPosition;
}

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

  it.each([
    { what: 'below the log', offset: 9, there: 10 },
    { what: 'behind the log', offset: 111, there: 110 },
  ])('$what begins at its nearest end, which is committed and told', async ({ offset, there }) => {
    const position = await begins({ committed: [{ offset, metadata: 'm' }] });
    expect(position).toMatchObject({
      offset: there,
      metadata: 'm',
      fresh: true,
      seek: true,
      outOfRange: offset,
    });
  });

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
      given: { startFrom: 'latest', committed: [{ offset: -2, metadata: '' }] },
      offset: LOG.earliest,
    },
  ] as const)('begins as it should: $what', async ({ given, offset }) => {
    const position = await begins(given);
    expect(position).toMatchObject({ offset, fresh: true, seek: offset === LOG.latest });
    expect(position.metadata).toBe('velo:partitions=3');
    expect(position.outOfRange).toBeUndefined();
  });

  it.each([
    { commits: ['velo:partitions=2'], began: 2 },
    { commits: ['velo:partitions=12'], began: 12 },
    { commits: ['velo:partitions=99'], began: 20 },
    { commits: ['velo:partitions=4', 'velo:partitions=3', ''], began: 3 },
    {
      commits: ['x velo:partitions=2', 'velo:partitions=2 x', 'velo:partitions=', 'velo:partitions=-2'],
      began: 20,
    },
    { commits: ['velo:partitions=1234567890'], began: 20 },
    { commits: [], began: 20 },
  ])('of a group that began with $began of 20, as commits say: $commits', async ({ commits, began }) => {
    const committed = commits.map((metadata) => ({ offset: 50, metadata }));
    for (let partition = commits.length; partition < 20; partition++) {
      const { offset, metadata } = await begins({ committed, count: 20, partition });
      expect([partition, offset]).toEqual([partition, partition < began ? LOG.latest : LOG.earliest]);
      expect(metadata).toBe(`velo:partitions=${began}`);
    }
  });

  it('carries no metadata where the client cannot', async () => {
    const position = await begins({ offsetMetadata: false, startFrom: 'earliest' });
    expect(position.metadata).toBe('');
  });
});
