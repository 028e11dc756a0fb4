import type { ObservedConsumer, Observer } from '@velo/engine';
import { expect } from 'vitest';
import { uniqueName } from '../../support/names.js';
import { until } from '../../support/until.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** For the brokers to be asked anew, and for what is at the end of the log to be passed over, ms. */
const LIMIT = 25_000;

/** A member whose lag can be asked for. */
async function watched(world: World, topic: string, config: Parameters<World['member']>[0]) {
  let observed: ObservedConsumer | undefined;
  const observer: Observer = {
    consumer: (consumer) => {
      observed = consumer;
      return undefined;
    },
  };
  const member = world.member(config, undefined, { observers: [observer, { consumer: () => ({}) }] });
  await member.consumer.start();
  const untilLag = async (expected: number) => {
    let seen: number | undefined;
    const look = async () => {
      seen = (await observed?.lag())?.find((one) => one.topic === topic)?.records;
      return seen === expected;
    };
    await until(`a lag of ${expected}`, look, { limit: LIMIT, seen: () => seen });
  };
  return { member, untilLag };
}

/** In two transactions, of which the second one is undone. */
async function writeTransactions(world: World, topic: string): Promise<void> {
  const producer = world.observer.kafka.producer({
    transactionalId: uniqueName('transactions'),
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  try {
    for (const [value, end] of [
      ['kept', 'commit'],
      ['undone', 'abort'],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ value }] });
      await transaction[end]();
    }
  } finally {
    await producer.disconnect();
  }
}

export const lag: ScenarioGroup = {
  name: 'the lag',
  scenarios: [
    {
      name: 'is what is not handled yet, and 0 when all is',
      limit: LIMIT + 30_000,
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a', 'b', 'c');
        let open = () => {};
        const opened = new Promise<void>((resolve) => {
          open = resolve;
        });
        const { member, untilLag } = await watched(world, topic, { topics: [topic], handler: () => opened });
        await member.until('the first is tried', () => member.tried.length > 0);
        await untilLag(3);
        open();
        await member.untilHandled('a', 'b', 'c');
        await untilLag(0);
      },
    },
    {
      name: 'is 0 behind the ends of transactions, and what was undone there',
      on: 'kafka',
      limit: LIMIT + 30_000,
      run: async (world) => {
        const topic = await world.topic();
        await writeTransactions(world, topic);
        const { member, untilLag } = await watched(world, topic, { topics: [topic] });
        await member.untilHandled('kept');
        await untilLag(0);
        expect((await world.observer.range(topic)).high).toBe(4);
      },
    },
  ],
};
