import { describe, expect, it } from 'vitest';
import type { ClientBinding, CommittedOffset } from '../src/binding/binding.js';
import type { TopicPartition } from '../src/binding/record.js';
import { type KnownPosition, UNKNOWN } from '../src/offsets/position-reset.js';
import { startPositions } from '../src/offsets/start-position.js';
import { planConsumer } from '../src/plan/plan.js';

const LOG = { earliest: 10, latest: 110 };
const TIER = 'orders-billing-retry-5s';
const of = (topic: string, ...partitions: number[]) => partitions.map((partition) => ({ topic, partition }));

/** What the group has committed, as `<topic> <partition>` says. */
type Commits = Readonly<Record<string, CommittedOffset['offset']>>;

/**
 * Where partitions begin whose client cannot carry metadata in commits; topics have four. `later` is what has been
 * committed by the time that the ends of the logs are known.
 */
async function begin(
  owned: readonly TopicPartition[],
  commits: Commits = {},
  later: Commits = {},
  startFrom: 'earliest' | 'latest' = 'latest',
  known: readonly KnownPosition[] = [],
) {
  let now = commits;
  const client = {
    capabilities: { binaryHeaders: true, nullHeaders: true, gzip: true, offsetMetadata: false },
    partitionCount: async () => 4,
    offsets: (partitions: readonly unknown[]) => {
      now = { ...commits, ...later };
      return partitions.map(async () => LOG);
    },
    committed: async (_: string, partitions: readonly TopicPartition[]): Promise<CommittedOffset[]> =>
      partitions.map(({ topic, partition }) => ({
        offset: now[`${topic} ${partition}`] ?? -1,
        metadata: '',
      })),
  } as unknown as ClientBinding;
  const topics = ['orders', 'refunds'];
  const retry = { tiers: ['5s'] } as const;
  const plan = planConsumer({ groupId: 'billing', topics, retry, startFrom, handler: () => {} }, 0);
  const doubtful = owned.map((partition, i) => ({ ...partition, known: known[i] ?? UNKNOWN }));
  const beginnings = await startPositions(client, plan, doubtful);
  const positions = (await Promise.all(beginnings.map((beginning) => beginning.positions))).flat();
  return positions.map(({ topic, partition, offset, fresh, seek }) => ({
    at: `${topic} ${partition}: ${offset}`,
    fresh,
    seek,
  }));
}

const latest = (at: string) => ({ at: `${at}: 110`, fresh: true, seek: true });
const earliest = (at: string) => ({ at: `${at}: 10`, fresh: true, seek: false });

describe('who finds no commit of a topic', () => {
  it('begins all of its partitions at their latest: the own ones first, in the order asked', async () => {
    expect(await begin(of('orders', 2, 0))).toEqual(
      ['orders 2', 'orders 0', 'orders 1', 'orders 3'].map(latest),
    );
  });

  it('begins those of each of its topics, but of no tier', async () => {
    expect(await begin([...of('orders', 0), ...of(TIER, 0), ...of('refunds', 3)])).toEqual([
      ...['orders 0', 'orders 1', 'orders 2', 'orders 3'].map(latest),
      earliest(`${TIER} 0`),
      ...['refunds 3', 'refunds 0', 'refunds 1', 'refunds 2'].map(latest),
    ]);
  });

  it('begins only its own where the group begins at the earliest', async () => {
    expect(await begin(of('orders', 0), {}, {}, 'earliest')).toEqual([earliest('orders 0')]);
  });

  it('leaves to others what they have committed meanwhile, and follows where it is its own', async () => {
    expect(await begin(of('orders', 0, 1), {}, { 'orders 0': 60, 'orders 2': 70, 'orders 3': 0 })).toEqual([
      { at: 'orders 0: 60', fresh: false, seek: true },
      latest('orders 1'),
    ]);
    expect(await begin(of('orders', 0), {}, { 'orders 0': 0 })).toEqual([
      { at: 'orders 0: 0', fresh: false, seek: true },
      ...['orders 1', 'orders 2', 'orders 3'].map(latest),
    ]);
  });

  it('changes nothing of its other topics by that', async () => {
    const commits = { 'orders 0': 50, 'orders 1': 5, 'orders 2': 500 };
    const found = await begin([...of('orders', 0, 1, 2), ...of('refunds', 0)], commits, { 'orders 0': 51 });
    expect(found.slice(0, 4)).toEqual([
      { at: 'orders 0: 50', fresh: false, seek: false },
      { at: 'orders 1: 10', fresh: true, seek: true },
      { at: 'orders 2: 10', fresh: true, seek: true },
      latest('refunds 0'),
    ]);
  });
});

describe('who finds one commit of a topic', () => {
  it.each([50, 0, 'earliest'] as const)(
    'knows that what is without one appeared later: committed %s',
    async (offset) => {
      expect(await begin(of('orders', 1, 2), { 'orders 0': offset })).toEqual([
        earliest('orders 1'),
        earliest('orders 2'),
      ]);
    },
  );

  it('knows nothing of other topics by it', async () => {
    expect(await begin(of('refunds', 0), { 'orders 0': 50 })).toEqual(
      ['refunds 0', 'refunds 1', 'refunds 2', 'refunds 3'].map(latest),
    );
  });
});

it('who knows that the group had begun begins all that has no commit at the earliest, and nothing of others', async () => {
  const known = [{ committed: 50, accepted: 70, opened: true }];
  const found = await begin(of('orders', 0, 1), {}, {}, 'latest', known);
  expect(found).toEqual([{ ...earliest('orders 0'), seek: true }, earliest('orders 1')]);
});
