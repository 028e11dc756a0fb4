import { describe, expect } from 'vitest';
import { OFFSET_OUT_OF_RANGE } from '../../support/broker-codes.js';
import { sleep } from '../../support/until.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { record } from '../record.js';
import { Told } from '../told.js';
import { until } from '../until.js';

/** Numbers as texts, from `first` on. */
const numbers = (count: number, first = 0) => Array.from({ length: count }, (_, i) => String(first + i));

export function feeding(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('feeding', () => {
    it('brings the records of a partition in order, from the earliest', async ({ join, write, told }) => {
      await write(0, 'a', 'b');
      await join();
      await until(() => told.all.length === 2);
      await write(0, 'c');
      await until(() => told.all.length === 3);
      expect(told.values).toEqual(['a', 'b', 'c']);
      expect(told.all.map(({ offset }) => offset)).toEqual(['0', '1', '2']);
    });

    it('goes on after what was committed', async ({ join, write, told, p0 }) => {
      await write(0, 'a', 'b', 'c');
      const first = await join();
      await until(() => told.all.length === 3);
      await first.commit([{ ...p0, offset: 1 }]);
      await first.stop();
      const second = new Told();
      await join(second);
      await until(() => second.all.length === 2);
      expect(second.values).toEqual(['b', 'c']);
    });

    it.for(['back', 'forward', 'as soon as it is assigned'])(
      'goes to a position that is sought: %s',
      async (how, { join, write, told, p0 }) => {
        await write(0, ...numbers(20));
        const early = how === 'as soon as it is assigned';
        const member = await join();
        if (!early) await until(() => told.all.length === 20);
        if (how === 'forward') await write(0, ...numbers(20, 20));
        const before = told.all.length;
        const offset = how === 'back' ? 2 : early ? 15 : 35;
        member.seek({ ...p0, offset });
        const end = how === 'forward' ? 40 : 20;
        await until(
          () => told.all.at(-1)?.offset === String(end - 1) && told.all.length >= before + end - offset,
        );
        const sought = told.values.lastIndexOf(String(offset));
        expect(told.values.slice(sought)).toEqual(numbers(end - offset, offset));
        // What was on its way before the seek is older than what was sought, or was brought before it.
        expect(told.values.slice(before, sought)).toEqual([]);
        expect(told.jumps).toEqual([]);
      },
    );

    it('tells when an offset is out of range, goes on where it is told then, and commits nothing by itself', async ({
      broker,
      client,
      groupId,
      told,
      newTopic,
    }) => {
      const topic = newTopic(1);
      const p0 = { topic, partition: 0 };
      await client.publish(numbers(4).map((value) => record(topic, 0, value)));
      const member = await client.join({ groupId, topics: [topic], client: binding.quick }, told);
      await until(() => told.all.length === 4);
      await member.commit([{ ...p0, offset: 3 }]);
      broker.pushErrors('Fetch', [OFFSET_OUT_OF_RANGE]);
      await until(() => told.jumps.length > 0);
      expect(told.jumps).toEqual([p0]);
      expect((await client.committed(groupId, [p0]))[0]?.offset).toBe(3);
      const before = told.all.length;
      member.seek({ ...p0, offset: 2 });
      member.resume([p0]);
      await until(() => told.all.length === before + 2);
      expect(told.values.slice(before)).toEqual(['2', '3']);
      expect(told.jumps).toHaveLength(1);
    });

    it('holds no record back while it waits for more', async ({ join, write, told }) => {
      await join();
      const late: number[] = [];
      told.onRecords = (_topic, _partition, records) => {
        for (const { value } of records) late.push(Date.now() - Number(value));
      };
      for (let i = 0; i < 20; i++) {
        await write(0, String(Date.now()));
        await sleep(20);
      }
      await until(() => late.length === 20);
      expect(late.sort((a, b) => a - b)[10]).toBeLessThan(100);
    });

    it('is over with stop', async ({ join, write, told, p0 }) => {
      const member = await join();
      await member.stop();
      await member.stop();
      await write(0, 'a');
      await sleep(100);
      expect(told.all).toEqual([]);
      member.pause([p0]);
      member.resume([p0]);
      member.seek({ ...p0, offset: 0 });
    });

    it('is over with stop also in the middle of a flood', async ({ join, write, told }) => {
      await write(0, ...numbers(5_000));
      const member = await join();
      await until(() => told.all.length > 0);
      await member.stop();
      const before = told.all.length;
      await sleep(50);
      expect(told.all.length).toBe(before);
    });
  });
}
