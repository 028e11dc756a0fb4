import { describe, expect } from 'vitest';
import { several } from '../../support/several.js';
import { sleep } from '../../support/until.js';
import { type BindingStage, bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { record } from '../record.js';
import { Told } from '../told.js';
import { until } from '../until.js';

/** So many to partition 0, which is paused, and one to the other: when that has come, the client has fetched what it will of the first. */
async function writeBehindPause(count: number, write: BindingStage['write'], told: Told): Promise<string[]> {
  const all = Array.from({ length: count }, (_, i) => String(i));
  for (let i = 0; i < all.length; i += 2_000) await write(0, ...all.slice(i, i + 2_000));
  await write(1, 'other');
  await until(() => told.values.includes('other'));
  await sleep(200);
  return all;
}

export function pausing(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('pause', () => {
    it('holds one partition while others flow', async ({ join, write, told, p0 }) => {
      const member = await join();
      member.pause([p0]);
      await write(0, 'a');
      await write(1, 'b', 'c');
      await until(() => told.all.length === 2);
      await sleep(50);
      expect(told.values).toEqual(['b', 'c']);
      member.resume([p0]);
      await until(() => told.all.length === 3);
      expect(told.values).toEqual(['b', 'c', 'a']);
    });

    it('keeps little of what is fetched meanwhile, and loses none of it', async ({
      join,
      write,
      told,
      p0,
    }) => {
      const member = await join();
      member.pause([p0]);
      const all = await writeBehindPause(12_000, write, told);
      expect(told.all.length).toBe(1);
      told.all.length = 0;
      member.resume([p0]);
      // No more than was kept comes at once; the rest is fetched anew.
      expect(told.all.length).toBeLessThan(all.length / 3);
      await until(() => told.all.length === all.length);
      expect(told.values).toEqual(all);
    });

    it('for long, then a seek: it goes on from there when it is resumed', async ({
      join,
      write,
      told,
      p0,
    }) => {
      const member = await join();
      member.pause([p0]);
      const all = await writeBehindPause(4_000, write, told);
      told.all.length = 0;
      member.seek({ ...p0, offset: 0 });
      member.resume([p0]);
      await until(() => told.all.length === all.length);
      expect(told.values).toEqual(all);
    });

    it(
      'of all partitions does not keep a member from a rebalance',
      several,
      async ({ join, write, told, p0, p1 }) => {
        await write(0, 'a');
        const member = await join();
        told.onRecords = () => member.pause([p0, p1]);
        await until(() => told.all.length === 1);
        const other = new Told();
        await join(other);
        await until(() => told.assignments.at(-1)?.length === 1 && other.assignments.at(-1)?.length === 1);
      },
    );

    it(
      'is forgotten when the partition leaves',
      several,
      async ({ client, topic, join, write, told, p0, p1 }) => {
        await write(0, 'a');
        await write(1, 'a');
        const member = await join();
        await until(() => told.all.length === 2);
        member.pause([p0, p1]);
        await write(0, ...Array.from({ length: 3_000 }, () => 'x'));
        await write(1, ...Array.from({ length: 3_000 }, () => 'x'));
        const other = new Told();
        const second = await join(other);
        await until(() => told.assignments.at(-1)?.length === 1);
        await second.stop();
        await until(() => told.assignments.at(-1)?.length === 2);
        const [left] = other.assignments.at(-1) ?? [];
        await client.publish([record(topic, left?.partition ?? -1, 'b')]);
        await until(() => told.values.includes('b'));
      },
    );
  });
}
