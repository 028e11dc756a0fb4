import { expect } from 'vitest';
import { startFaultProxy } from '../../fault-proxy/fault-proxy.js';
import { startTlsFront } from '../../fault-proxy/tls-front.js';
import { selfSigned } from '../../support/key-stores.js';
import { sleep } from '../../support/until.js';
import type { Member } from '../harness/member.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** From the outage until health and log have told it, ms: what the README says. */
const TOLD_WITHIN = 12_000;
/** For timers that are late on a busy machine, ms. */
const BUSY = 4_000;
/** Until all is well again, a new member that joins included, ms. */
const WELL_WITHIN = 30_000;

/** What a member has logged as a warning or an error. */
interface Told {
  readonly lines: string[];
  readonly member: Member;
}

async function started(world: World, topic: string, address?: World['cluster'] | object): Promise<Told> {
  const lines: string[] = [];
  const keep = (line: string) => void lines.push(line);
  const options = { logger: { info() {}, warn: keep, error: keep } };
  const member = world.member({ topics: [topic] }, address as World['cluster'], options);
  await member.consumer.start();
  await world.write(topic, 'before');
  await member.untilHandled('before');
  await world.untilCommitted(topic, 1);
  expect(member.consumer.health()).toMatchObject({ state: 'running', live: true, ready: true });
  return { lines, member };
}

/** Health tells it in time, nobody would kill the process for it, and the log says what is wrong. */
async function untilTold({ lines, member }: Told, what: RegExp): Promise<void> {
  const { consumer } = member;
  const begin = Date.now();
  const isTold = () => !consumer.health().ready && lines.some((line) => what.test(line));
  await member.until('health and log tell', isTold, TOLD_WITHIN + BUSY);
  expect(['disconnected', 'retrying']).toContain(consumer.health().state);
  expect(consumer.health().lastContact).toBeLessThanOrEqual(begin + 1_000);
  // For as long as it lasts.
  for (let i = 0; i < 10; i++) {
    await sleep(200);
    expect(consumer.health().live).toBe(true);
  }
}

async function untilWell(world: World, topic: string, { member }: Told): Promise<void> {
  await world.write(topic, 'after');
  await member.until('what comes later is handled', () => member.handled.includes('after'), WELL_WITHIN);
  await member.until('health is well', () => member.consumer.health().ready, WELL_WITHIN);
  expect(member.told('dead')).toEqual([]);
}

export const outages: ScenarioGroup = {
  name: 'an outage',
  // One of them stops the broker of all.
  alone: true,
  scenarios: [
    {
      name: 'of a broker that is frozen: health and log tell within 12 s, and all goes on when it answers again',
      on: 'kafka',
      limit: TOLD_WITHIN + BUSY + 2 * WELL_WITHIN,
      run: async (world) => {
        const topic = await world.topic(2);
        const told = await started(world, topic);
        const thaw = world.cluster.freeze();
        try {
          await untilTold(told, /is not answered by|has crashed/);
        } finally {
          thaw();
        }
        await untilWell(world, topic, told);
      },
    },
    {
      name: 'of a network that is cut: health and log tell within 12 s, and all goes on when it is mended',
      on: 'embedded',
      limit: TOLD_WITHIN + BUSY + 2 * WELL_WITHIN,
      run: async (world) => {
        const topic = await world.topic(2);
        const target = Number(world.cluster.brokers[0]?.split(':')[1]);
        await using proxy = await startFaultProxy({ target, renamesServer: true });
        const address = { bootstrapServers: proxy.address, brokers: [proxy.address] };
        const told = await started(world, topic, address);
        proxy.swallow();
        await untilTold(told, /is not answered by|has crashed/);
        await proxy.heal();
        await untilWell(world, topic, told);
      },
    },
    {
      name: 'by a certificate that has expired: health and log tell within 12 s and name it, and all goes on with a new one',
      on: 'kafka',
      needs: ({ capabilities }) => capabilities.tls === true,
      limit: TOLD_WITHIN + BUSY + 2 * WELL_WITHIN,
      run: async (world) => {
        const topic = await world.topic(2);
        const [valid, expired] = await Promise.all([selfSigned('valid'), selfSigned('expired')]);
        const target = Number(world.cluster.brokers[0]?.split(':')[1]);
        await using front = await startTlsFront(target, valid);
        const tls = { ca: `${valid.ca}\n${expired.ca}` };
        const address = { bootstrapServers: front.address, brokers: [front.address], tls };
        const told = await started(world, topic, address);
        front.present(expired);
        front.cut();
        await untilTold(told, /certificate/i);
        front.present(valid);
        await untilWell(world, topic, told);
      },
    },
  ],
};
