import { expect } from 'vitest';
import { startFaultProxy } from '../../fault-proxy/fault-proxy.js';
import { type FrameFault, frameFaults } from '../../fault-proxy/frame-faults.js';
import { sleep, until } from '../../support/until.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

/** ms. An answer may be 5 s late, kafkajs keeps silent for 12 s if it is told to, and a look comes each second. */
const TOLD_WITHIN = 20_000;
/** ms. A new member is made after 10 s. */
const WELL_WITHIN = 25_000;

/** While the broker breaks the protocol, no process ends, health says what is wrong, and all is well again by itself. */
function brokenBy(name: string, fault: FrameFault): Scenario {
  return {
    name: `whose answers are ${name} is told by health, and what comes later is handled`,
    // It needs a proxy of its own that all of the cluster's addresses lead to.
    on: 'embedded',
    limit: TOLD_WITHIN + WELL_WITHIN,
    run: async (world) => {
      const topic = await world.topic(2);
      const target = Number(world.cluster.brokers[0]?.split(':')[1]);
      const begin = Date.now();
      await using proxy = await startFaultProxy({ target, renamesServer: true });
      const address = { bootstrapServers: proxy.address, brokers: [proxy.address] };
      const member = world.member({ topics: [topic] }, address);
      await member.consumer.start();
      await world.write(topic, 'before', { value: 'before 1', partition: 1 });
      await member.untilHandled('before', 'before 1');
      await Promise.all([0, 1].map((partition) => world.untilCommitted(topic, 1, partition)));
      expect(member.consumer.health().state).toBe('running');
      proxy.spoil(fault);
      proxy.cut();
      await world.write(topic, 'during');
      // A client that crashes of it is replaced, and as often as it crashes.
      const told = () => ['disconnected', 'retrying'].includes(member.consumer.health().state);
      await member.until('health tells', told, TOLD_WITHIN);
      expect(member.consumer.health().lastContact).toBeGreaterThan(begin);
      await proxy.heal();
      await world.write(topic, 'after', { value: 'after 1', partition: 1 });
      const all = ['before', 'before 1', 'during', 'after', 'after 1'];
      await member.until(
        'all is handled',
        () => all.every((text) => member.handled.includes(text)),
        WELL_WITHIN,
      );
      await member.until('health is well', () => member.consumer.health().state === 'running', WELL_WITHIN);
      expect(new Set(member.handled)).toEqual(new Set(all));
    },
  };
}

/** Each reset may leave one connection behind, more than a member needs after so many. */
const RESETS = 10;
/** Records that are sent one after the other, while connections are reset. */
const AT_ONCE = 20;
/** More than at first: for what was not asked yet, and what is on its way to its end. */
const FEW = 5;

const resetAgainAndAgain: Scenario = {
  name: 'that resets connections again and again leaves none of them behind, neither meanwhile nor at the end',
  on: 'embedded',
  limit: RESETS * 5_000 + WELL_WITHIN,
  run: async (world) => {
    const topic = await world.topic(2);
    const target = Number(world.cluster.brokers[0]?.split(':')[1]);
    await using proxy = await startFaultProxy({ target, renamesServer: true });
    const address = { bootstrapServers: proxy.address, brokers: [proxy.address] };
    const retry = { inPlace: { maxAttempts: 1 }, tiers: ['10ms'] } as const;
    const handler = (_: unknown, { tier }: { readonly tier: number }) => {
      if (tier === 0) throw new Error('not yet');
    };
    const member = world.member({ topics: [topic], retry, handler }, address);
    const producer = member.velo.producer();
    let sent = 0;
    const send = () => producer.send({ topic, messages: [{ value: String(sent++) }] });
    await member.consumer.start();
    await send();
    await member.untilHandled('0');
    const before = proxy.connections;
    for (let i = 0; i < RESETS; i++) {
      const sending = Array.from({ length: AT_ONCE }, async (_, turn) => {
        await sleep(turn);
        await send();
      });
      await sleep(AT_ONCE / 2);
      proxy.cut();
      await Promise.all(sending);
    }
    const all = Array.from({ length: sent }, (_, i) => String(i));
    const isAll = () => all.every((text) => member.handled.includes(text));
    await member.until('all is handled', isAll, WELL_WITHIN);
    await until('connections are as many as before', () => proxy.connections <= before + FEW);
    await member.consumer.stop();
    await member.velo.close();
    await until('no connection is left', () => proxy.connections === 0);
  },
};

export const brokenBrokers: ScenarioGroup = {
  name: 'a broker',
  scenarios: [
    brokenBy('empty', frameFaults.empty),
    brokenBy('shorter than their header', frameFaults.short),
    brokenBy('of a negative size', frameFaults.negative),
    brokenBy('of 2 GB', frameFaults.huge),
    brokenBy('longer than what comes', frameFaults.long),
    brokenBy('cut off', frameFaults.cut),
    resetAgainAndAgain,
  ],
};
