import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { agingMetadata } from '../src/quirks/aging-metadata.js';
import type { PrivateBrokerPool } from '../src/quirks/private-cluster.js';
import { changedCluster, requireBare } from './support.js';

const HOUR = 3_600_000;
const MAX_AGE = 2_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** kafkajs's own, but for the brokers' answers. */
function poolWith(leader: number): Required<PrivateBrokerPool> & { asked: number } {
  const BrokerPool = requireBare('kafkajs/src/cluster/brokerPool');
  const pool = new BrokerPool({ logger: { namespace: () => ({}) }, metadataMaxAge: MAX_AGE });
  pool.asked = 0;
  pool.refreshMetadata = async () => {
    pool.asked++;
    pool.metadata = { topicMetadata: [{ topic: 't', partitionMetadata: [{ partitionId: 0, leader }] }] };
    pool.metadataExpireAt = Date.now() + MAX_AGE;
  };
  return pool;
}

it.each([
  { leader: 1, wait: MAX_AGE - 1, asked: 1 },
  { leader: 1, wait: MAX_AGE + 1, asked: 2 },
  { leader: -1, wait: 499, asked: 1 },
  { leader: -1, wait: 501, asked: 2 },
])(
  'with leader $leader, metadata are asked for $asked times within $wait ms',
  async ({ leader, wait, asked }) => {
    const pool = poolWith(leader);
    changedCluster(agingMetadata, { brokerPool: pool });
    await pool.refreshMetadataIfNecessary(['t']);
    await pool.refreshMetadataIfNecessary(['t']);
    expect(pool.asked).toBe(1);
    vi.advanceTimersByTime(wait);
    await pool.refreshMetadataIfNecessary(['t']);
    expect(pool.asked).toBe(asked);
  },
);

it('while the wall clock is set back, a bare kafkajs asks for none, velo as ever', async () => {
  const [bare, pool] = [poolWith(1), poolWith(1)];
  changedCluster(agingMetadata, { brokerPool: pool });
  const look = () => Promise.all([bare, pool].map((one) => one.refreshMetadataIfNecessary(['t'])));
  await look();
  vi.setSystemTime(Date.now() - HOUR);
  vi.advanceTimersByTime(MAX_AGE + 1);
  await look();
  expect([bare.asked, pool.asked]).toEqual([1, 2]);
});
