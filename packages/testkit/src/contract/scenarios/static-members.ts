import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { FENCED_INSTANCE_ID, UNRELEASED_INSTANCE_ID } from '../../support/broker-codes.js';
import { until } from '../../support/until.js';
import { textOf, type World } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

const INSTANCE = 'pod-1';

const staticClient = ({ adapter: { client } }: World): object => ({
  ...client.quick,
  ...client.instance?.(INSTANCE),
});

type HandOff = 'at-least-once' | 'transactional';

async function fencedByAnother(world: World, handOff: HandOff): Promise<void> {
  const topic = await world.topic(2);
  const member = () =>
    world.joined({
      topics: [topic],
      handOff,
      client: staticClient(world),
      handler: (record, { tier }) => {
        if (textOf(record)?.endsWith('7') && tier === 0) throw new Error('odd');
      },
      retry: { inPlace: { maxAttempts: 1 }, tiers: [50] },
    });
  const written: string[] = [];
  const write = async () => {
    const values = Array.from({ length: 20 }, (_, i) => `${written.length + i}`);
    written.push(...values);
    await world.write(topic, ...values.map((value, i) => ({ value, partition: i % 2 })));
  };
  const first = await member();
  const second = await during(write, async () => {
    await first.until('records flow', () => first.attempts.length > 100);
    const other = await member();
    await first.untilTold('dead');
    return other;
  });
  const attempts = first.attempts.length;
  const [end] = first.told('dead');
  expect(end?.error).toMatchObject({ code: FENCED_INSTANCE_ID });
  // The first to hear of it may be a transaction, which does not know the id.
  const named =
    handOff === 'transactional'
      ? /group\.instance\.id of its own/
      : /pod-1[\s\S]*group\.instance\.id of its own/;
  expect(end?.explanation).toMatch(named);
  await during(write, () => sleep(1_000));
  await until('all are handled', () =>
    written.every((value) => first.handled.includes(value) || second.handled.includes(value)),
  );
  expect(first.told('crashed')).toEqual([]);
  expect(first.attempts.length).toBe(attempts);
  expect(second.consumer.health().state).toBe('running');
  expect(second.told('crashed')).toEqual([]);
}

/** Repeats `repeat` until `run` has ended. */
async function during<T>(repeat: () => Promise<void>, run: () => Promise<T>): Promise<T> {
  let ended = false;
  const repeating = (async () => {
    while (!ended) {
      await repeat();
      await sleep(20);
    }
  })();
  try {
    return await run();
  } finally {
    ended = true;
    await repeating;
  }
}

async function waitsForTheId(world: World): Promise<void> {
  const topic = await world.topic(2);
  const client = staticClient(world);
  const consumer = { topic, groupId: world.groupId, startFrom: 'earliest', client } as const;
  const first = world.child({ kind: 'consume', consumer, handlerTime: 0 });
  await first.untilTold('started');
  const second = world.member({ topics: [topic], client });
  const started = second.consumer.start();
  await second.untilTold('crashed', 2);
  for (const { error } of second.told('crashed')) {
    expect(error).toMatchObject({ code: UNRELEASED_INSTANCE_ID });
    expect(String(error)).toMatch(/pod-1[\s\S]*nothing is lost[\s\S]*group\.instance\.id of its own/i);
  }
  await world.write(topic, { value: 'a', partition: 0 }, { value: 'b', partition: 1 });
  await first.untilTold('handled', 2);
  expect(second.tried).toEqual([]);
  await first.kill();
  await world.write(topic, { value: 'c', partition: 0 }, { value: 'd', partition: 1 });
  await started;
  await second.untilHandled('c', 'd');
  expect(second.consumer.health().state).toBe('running');
}

async function leavesItsId(world: World): Promise<void> {
  const topic = await world.topic(2);
  const config = { topics: [topic], client: staticClient(world) };
  const first = await world.joined(config);
  await world.write(topic, { value: 'a', partition: 0 });
  await first.untilHandled('a');
  await first.consumer.stop();
  const second = await world.joined(config);
  await world.write(topic, { value: 'b', partition: 0 }, { value: 'c', partition: 1 });
  await second.untilHandled('b', 'c');
  expect(second.told('crashed')).toEqual([]);
}

const fencing = (handOff: HandOff): Scenario => ({
  name: `whose instance id another one takes is dead at once, and the other goes on (${handOff})`,
  on: 'kafka',
  needs: ({ client, brokersAssign = false }) => client.instance !== undefined && !brokersAssign,
  run: (world) => fencedByAnother(world, handOff),
});

/** Members that the brokers know by an id that survives them (KIP-345). */
export const staticMembers: ScenarioGroup = {
  name: 'a static member',
  scenarios: [
    fencing('at-least-once'),
    fencing('transactional'),
    {
      name: 'whose instance id a living one has says so, and comes in when that one is gone',
      on: 'kafka',
      needs: ({ client, brokersAssign = false }) => client.instance !== undefined && brokersAssign,
      run: waitsForTheId,
    },
    {
      name: 'that has stopped leaves its instance id to the next one',
      on: 'kafka',
      needs: ({ client }) => client.instance !== undefined,
      run: leavesItsId,
    },
  ],
};
