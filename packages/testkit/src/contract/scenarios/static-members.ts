import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { FENCED_INSTANCE_ID } from '../../support/broker-codes.js';
import { until } from '../../support/until.js';
import { textOf, type World } from '../harness/world.js';
import type { Scenario, ScenarioGroup } from '../scenario.js';

const INSTANCE = 'pod-1';

type HandOff = 'at-least-once' | 'transactional';

async function fencedByAnother(world: World, handOff: HandOff): Promise<void> {
  const topic = await world.topic(2);
  const member = () =>
    world.joined({
      topics: [topic],
      handOff,
      client: { ...world.adapter.client.quick, ...world.adapter.client.instance?.(INSTANCE) },
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

const fencing = (handOff: HandOff): Scenario => ({
  name: `whose instance id another one takes is dead at once, and the other goes on (${handOff})`,
  on: 'kafka',
  needs: ({ client }) => client.instance !== undefined,
  run: (world) => fencedByAnother(world, handOff),
});

/** Members that the brokers know by an id that survives them (KIP-345). */
export const staticMembers: ScenarioGroup = {
  name: 'a static member',
  scenarios: [fencing('at-least-once'), fencing('transactional')],
};
