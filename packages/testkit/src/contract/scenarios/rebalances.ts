import { expect } from 'vitest';
import { UNKNOWN_MEMBER_ID } from '../../support/broker-codes.js';
import { sleep } from '../../support/until.js';
import { Gate } from '../harness/gate.js';
import { Overlaps } from '../harness/overlaps.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Long enough for a commit that should not be made: commits come within 50 ms here. In ms. */
const COMMIT_TIME = 300;

export const rebalances: ScenarioGroup = {
  name: 'a rebalance',
  scenarios: [
    {
      name: 'keeps the lane of a partition that stays, and aborts what runs for one that leaves',
      several: true,
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, '0', { value: '1', partition: 1 });
        const gate = new Gate();
        const first = await world.joined({ topics: [topic], handler: gate.handler });
        await Promise.all([gate.call('0'), gate.call('1')]);
        const second = await world.joined({ topics: [topic] });
        await first.untilTold('revoked');
        const [left] = first.told('revoked')[0]?.partitions ?? [];
        const lost = await gate.call(String(left?.partition));
        const kept = await gate.call(String(1 - (left?.partition ?? 0)));
        expect(lost.context.signal.aborted).toBe(true);
        expect(kept.context.signal.aborted).toBe(false);
        await first.untilTold('assigned', 2);
        kept.pass();
        await second.untilHandled(lost.text as string);
        await world.untilCommitted(topic, 1, 0);
        await world.untilCommitted(topic, 1, 1);
        // What is fetched again of a kept partition is dropped.
        await world.write(topic, { value: 'next', partition: kept.record.partition });
        (await gate.call('next')).pass();
        await first.untilHandled('next');
        expect(first.tried).toEqual(expect.arrayContaining(['0', '1', 'next']));
        expect(first.tried).toHaveLength(3);
      },
    },
    {
      name: 'leaves a lost lane no commit: its late end moves no offset back',
      several: true,
      run: async (world) => {
        const topic = await world.topic(2);
        const values = ['a', 'b', 'c', 'd'];
        await world.write(
          topic,
          ...[0, 1].flatMap((partition) => values.map((value) => ({ value, partition }))),
        );
        const gate = new Gate();
        const first = await world.joined({ topics: [topic], handler: gate.handler });
        await Promise.all([gate.call('a', 1), gate.call('a', 2)]);
        const second = await world.joined({ topics: [topic] });
        await first.untilTold('revoked');
        const partition = first.told('revoked')[0]?.partitions[0]?.partition as number;
        await world.untilCommitted(topic, 4, partition);
        expect(second.handled).toEqual(values);
        gate.passAll();
        await sleep(COMMIT_TIME);
        expect(await world.committed(topic, partition)).toBe(4);
      },
    },
    {
      name: 'that brings a partition back has it wait for the handler that still runs there',
      several: true,
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, '0', { value: '1', partition: 1 });
        const gate = new Gate();
        const elsewhere = new Gate();
        const first = await world.joined({ topics: [topic], handler: gate.handler });
        await Promise.all([gate.call('0'), gate.call('1')]);
        const second = await world.joined({ topics: [topic], handler: elsewhere.handler });
        await first.untilTold('revoked');
        const lost = String(first.told('revoked')[0]?.partitions[0]?.partition);
        await elsewhere.call(lost);
        await second.consumer.stop({ timeout: 0 });
        await world.write(topic, 'later', { value: 'later', partition: 1 });
        await first.until('both partitions are back', () => first.consumer.health().partitions.length === 2);
        await sleep(COMMIT_TIME);
        expect(gate.calls).toHaveLength(2);
        (await gate.call(lost)).pass();
        const again = await gate.call(lost, 2);
        expect(again.context.signal.aborted).toBe(false);
        const ending = setInterval(() => gate.passAll(), 10);
        await world.untilCommitted(topic, 2, 0);
        await world.untilCommitted(topic, 2, 1);
        clearInterval(ending);
      },
    },
    {
      name: 'twenty times in a row runs no record of a partition twice at once, and loses none',
      several: true,
      limit: 60_000,
      run: async (world) => {
        const topic = await world.topic(4);
        const overlaps = new Overlaps();
        const config = (name: string) => ({
          topics: [topic],
          handler: overlaps.watch(name, () => sleep(15)),
        });
        const stays = await world.joined(config('stays'));
        const written: string[] = [];
        // Each joins and leaves again: twenty rebalances for the one that stays.
        let changing = true;
        const changes = (async () => {
          for (let i = 0; i < 10; i++) {
            const guest = world.member(config(`guest ${i}`));
            // See `several`: one that the embedded broker refuses has made its rebalance all the same.
            await guest.consumer.start().catch((error) => {
              if (world.cluster.kind === 'kafka') throw error;
            });
            await guest.consumer.stop();
          }
        })().finally(() => {
          changing = false;
        });
        changes.catch(() => {});
        while (changing) {
          const value = String(written.length);
          await world.write(topic, { value, partition: written.length % 4 });
          written.push(value);
          await sleep(10);
        }
        await changes;
        await stays.until('none is lost', () => overlaps.ended.size === written.length);
        expect(overlaps.found).toEqual([]);
        for (const partition of [0, 1, 2, 3]) {
          await world.untilCommitted(topic, (await world.observer.range(topic, partition)).high, partition);
        }
        if (world.cluster.kind === 'kafka') expect(stays.told('crashed')).toEqual([]);
      },
    },
    {
      name: 'while records wait loses none and starts none again that was committed',
      everyVersion: true,
      several: true,
      run: async (world) => {
        const topic = await world.topic(4);
        const config = {
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [600] },
          handler: (_: unknown, { tier }: { readonly tier: number }) => {
            if (tier === 0) throw new Error('later');
          },
        };
        const first = await world.joined(config);
        const values = Array.from({ length: 24 }, (_, i) => String(i));
        await world.write(topic, ...values.map((value, i) => ({ value, partition: i % 4 })));
        await first.untilTold('handOff', values.length);
        for (const partition of [0, 1, 2, 3]) await world.untilCommitted(topic, 6, partition);
        const second = await world.joined(config);
        const all = () => [...first.handled, ...second.handled];
        await first.until('all are handled', () => new Set(all()).size === values.length);
        // Their source was committed before: each has one copy, whoever handles it.
        const copies = await world.observer.read(world.ownTopic(topic, 'retry-600ms'));
        expect(copies).toHaveLength(values.length);
        expect(
          [...first.attempts, ...second.attempts].filter(({ context }) => context.tier === 0),
        ).toHaveLength(24);
      },
    },
    {
      name: 'after a lost session repeats nothing that has finished before it or meanwhile',
      on: 'embedded',
      run: async (world) => {
        const topic = await world.topic();
        const values = Array.from({ length: 60 }, (_, i) => String(i));
        await world.write(topic, ...values);
        const member = await world.joined({
          topics: [topic],
          // Until then nothing is committed: all that has finished is at stake.
          commitInterval: 60_000,
          handler: () => sleep(20),
        });
        await member.untilHandled('20');
        world.cluster.embedded.pushErrors('Heartbeat', [UNKNOWN_MEMBER_ID]);
        await member.untilTold('assigned', 2);
        await member.untilHandled(...values);
        expect(member.tried).toEqual(values);
        await world.untilCommitted(topic, values.length);
      },
    },
    {
      name: 'does not happen to a member whose handlers take longer than its session',
      run: async (world) => {
        const topic = await world.topic(1);
        await world.write(topic, 'slow', 'next');
        const member = await world.joined({
          topics: [topic],
          handler: (record) => (textOf(record) === 'slow' ? sleep(2_500) : undefined),
        });
        await member.untilHandled('slow', 'next');
        expect(member.told('assigned')).toHaveLength(1);
        expect(member.tried).toEqual(['slow', 'next']);
      },
    },
  ],
};
