import { expect, it } from 'vitest';
import type { BrokerKill } from '../src/faults/timeline.js';
import type { TriedEntry } from '../src/history/entry.js';
import { recoveries } from '../src/report/recovery.js';

const KILL: BrokerKill = {
  node: 1,
  wasCoordinator: true,
  at: 10_000,
  failedOver: 14_000,
  whole: 30_000,
  memberFaults: 0,
  offline: false,
};

function attempts(partition: string, ...times: number[]): TriedEntry[] {
  return times.map((at, offset) => {
    const [origin, written] = [`0 ${offset}`, at - 10];
    return {
      kind: 'tried',
      at,
      turn: 1,
      partition,
      offset,
      origin,
      id: offset,
      key: `customer-${offset}`,
      started: 2 * offset,
      ended: 2 * offset + 1,
      tier: 0,
      passed: true,
      written,
    };
  });
}

it('recovery is the longest silence from the kill until the cluster is whole', () => {
  const steady = Array.from({ length: 31 }, (_, i) => 9_000 + i * 1_000);
  const entries = [
    ...attempts('orders 0', ...steady.filter((at) => at < 11_000 || at > 13_500)),
    ...attempts('orders 1', ...steady.filter((at) => at < 11_000 || at > 17_500)),
  ];
  const [recovery] = recoveries([KILL], [{ process: 'a', entries }]);
  expect(recovery).toMatchObject({ failover: 4_000, silence: 4_000, partitionSilence: 8_000 });
});

it('the longest delay leaves out the failover of the cluster', () => {
  const late = { ...(attempts('orders 0', 20_000)[0] as TriedEntry), written: 9_500 };
  const entries = [...attempts('orders 0', 9_000), late];
  expect(recoveries([KILL], [{ process: 'a', entries }])).toMatchObject([{ longestDelay: 6_000 }]);
});
