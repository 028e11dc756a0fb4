import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { until } from '../../support/until.js';
import type { AdapterUnderTest } from '../adapter.js';
import { type RogueLeader, startRogueLeader } from '../harness/rogue-leader.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const PARTITIONS = 3;
/** The largest number that the protocol has room for. */
const MAX_INT32 = 2 ** 31 - 1;

/** Runs with a leader that gives the other members these partitions of a topic of three. */
async function ledBy(
  world: World,
  partitions: readonly number[],
  run: (topic: string) => Promise<void>,
): Promise<void> {
  const topic = await world.topic(PARTITIONS);
  await world.write(topic, 'bad before', 'good before');
  let rogue: RogueLeader | undefined;
  try {
    rogue = await startRogueLeader(world.observer.kafka, String(world.adapter.protocol), {
      groupId: world.groupId,
      topic,
      partitions,
    });
    await run(topic);
  } finally {
    await rogue?.stop();
  }
}

const needs = ({ protocol }: AdapterUnderTest) => protocol !== undefined;

/**
 * Whoever may join a group may lead it, and what it assigns reaches every member as it is. On Kafka alone: the embedded
 * broker ends the process where a member's first choice is not the group's.
 */
export const rogueLeaders: ScenarioGroup = {
  name: 'a leader that assigns what cannot exist',
  scenarios: [
    {
      name: 'does not end the process: what exists is read',
      on: 'kafka',
      needs,
      run: (world) =>
        ledBy(world, [-1, 0, 0, MAX_INT32, -MAX_INT32], async (topic) => {
          const consumer = {
            topic,
            groupId: world.groupId,
            startFrom: 'earliest',
            client: world.adapter.client.quick,
          } as const;
          const child = world.child({ kind: 'consume', consumer, handlerTime: 0 });
          await child.until('it has handled what there is', () => child.told('handled').length === 1);
          await world.untilCommitted(topic, 2);
          expect(child.ended).toBeUndefined();
          await child.kill();
        }),
    },
    {
      name: 'is told by an event, and grows no topic',
      on: 'kafka',
      needs,
      run: (world) =>
        ledBy(world, [-1, 0, MAX_INT32], async (topic) => {
          const member = await world.joined({
            topics: [topic],
            handler: (record) => {
              if (record.value?.toString().startsWith('bad')) throw new PermanentError('bad');
            },
          });
          await member.untilHandled('good before');
          await member.untilTold('deadLetter');
          expect(member.told('misassigned')[0]?.partitions).toEqual([
            { topic, partition: -1 },
            { topic, partition: MAX_INT32 },
          ]);
          expect(await world.observer.partitions(world.ownTopic(topic, 'dlt'))).toBe(PARTITIONS);
          expect(member.consumer.health().state).toBe('running');
        }),
    },
    {
      name: 'above the topic’s count holds up nothing, and is read as soon as it is there',
      on: 'kafka',
      needs,
      run: (world) =>
        ledBy(world, [0, PARTITIONS, 300], async (topic) => {
          const member = await world.joined({ topics: [topic] });
          await member.untilHandled('good before');
          expect(member.told('misassigned')[0]?.partitions).toEqual([
            { topic, partition: PARTITIONS },
            { topic, partition: 300 },
          ]);
          await world.observer.growTopic(topic, PARTITIONS + 1);
          await world.write(topic, 'after', { partition: PARTITIONS, value: 'new' });
          await member.untilHandled('after', 'new');
          // A broker may learn of the growth a little after it was answered.
          await until('its dead letters have grown, too', async () => {
            return (await world.observer.partitions(world.ownTopic(topic, 'dlt'))) === PARTITIONS + 1;
          });
          expect(member.consumer.health()).toMatchObject({ state: 'retrying', restarts: 0 });
        }),
    },
  ],
};
