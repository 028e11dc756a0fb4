import { describe, expect } from 'vitest';
import { ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS } from '../../support/broker-codes.js';
import { several } from '../../support/several.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { Told } from '../told.js';
import { until } from '../until.js';

export function rebalancing(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  it('a rebalance is told before it is joined, while a commit still counts', async ({
    broker,
    client,
    groupId,
    join,
    write,
    told,
    p0,
    p1,
  }) => {
    const member = await join();
    await write(0, 'a');
    await until(() => told.all.length === 1);
    let commit: Promise<void> | undefined;
    told.onRevoking = () => {
      commit ??= member.commit([{ ...p0, offset: 1 }]);
    };
    broker.pushErrors('Heartbeat', [REBALANCE_IN_PROGRESS]);
    await until(() => told.assignments.length >= 2);
    expect(told.revoked[0]).toEqual([p0, p1]);
    await commit;
    expect(await client.committed(groupId, [p0])).toEqual([{ offset: 1, metadata: '' }]);
  });

  it.for(Object.entries(binding.assignors))(
    'a member that has lost its session is never told that it owns nothing, and comes back to what it had (%s)',
    async ([, options], { broker, join, told, p0, p1 }) => {
      await join(told, options);
      await until(() => told.assignments.length === 1);
      broker.pushErrors('Heartbeat', [ILLEGAL_GENERATION]);
      await until(() => told.assignments.length >= 2);
      expect(told.assignments.every((owned) => owned.length === 2)).toBe(true);
      expect(told.assignments.at(-1)).toEqual([p0, p1]);
      expect(told.losses).toBeLessThanOrEqual(1);
      expect(told.crashes).toEqual([]);
    },
  );

  describe.for(Object.entries(binding.assignors))('two members (%s)', ([, options]) => {
    it(
      'share the partitions, and each record reaches one of them',
      several,
      async ({ join, write, told }) => {
        const other = new Told();
        await join(told, options);
        await join(other, options);
        await settled(told, other);
        await write(0, 'a');
        await write(1, 'b');
        await until(() => told.all.length + other.all.length === 2);
        expect([...told.values, ...other.values].sort()).toEqual(['a', 'b']);
      },
    );

    it('take over at once what one leaves behind by stopping', several, async ({ join, told }) => {
      const other = new Told();
      const first = await join(told, options);
      await join(other, options);
      await settled(told, other);
      const begin = performance.now();
      await first.stop();
      await until(() => other.assignments.at(-1)?.length === 2);
      expect(performance.now() - begin).toBeLessThan(3_000);
    });
  });
}

/** Each has one of two partitions. */
function settled(one: Told, other: Told): Promise<void> {
  return until(() => [one, other].every(({ assignments }) => assignments.at(-1)?.length === 1));
}
