import { expect } from 'vitest';
import { until } from '../../support/until.js';
import type { Child } from '../harness/child.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';
import { byHandOff, type HandOff } from './by-hand-off.js';

/** ms. A client that looks at its topics each 500 ms has seen that one is missing. */
const PAUSE = 1_500;

const values = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

/** A topic that is made again, and longer than it was: nobody can tell it by its end. */
const madeAgain =
  (handOff: HandOff, partitions: number, pause: number, startFrom: 'earliest' | 'latest') =>
  async (world: World) => {
    await world.ownObserver();
    const topic = await world.topic();
    const member = await world.joined({ topics: [topic], handOff, startFrom });
    const old = values('old', 20);
    await world.write(topic, ...old);
    await world.untilCommitted(topic, old.length);
    await world.observer.recreateTopic(topic, partitions, pause);
    const fresh = Array.from({ length: partitions }, (_, partition) => values(`new ${partition}`, 40));
    await Promise.all(
      fresh.map((list, partition) => world.write(topic, ...list.map((value) => ({ value, partition })))),
    );
    await member.untilHandled(...fresh.flat());
    for (const partition of fresh.keys()) await world.untilCommitted(topic, 40, partition);
    const [reset, ...others] = member.told('positionReset');
    expect(reset).toMatchObject({ topic, partition: 0, to: 0 });
    expect(others).toEqual([]);
    // Where the member is slow to look, its position is in the new log, and it reads on there until the id, or the lost offset, tells it.
    expect(['topic-made-again', 'offset-gone']).toContain(reset?.reason);
    expect(reset?.from).toBeGreaterThanOrEqual(old.length);
    expect(member.consumer.health().state).toBe('running');
  };

/** Fewer partitions, and the sources are held meanwhile: what waits in the member is of the old topic. */
const madeAgainWhileHeld = (handOff: HandOff) => async (world: World) => {
  await world.ownObserver();
  const topic = await world.topic(3);
  const member = await world.joined({ topics: [topic], handOff, startFrom: 'earliest' });
  const partitions = [0, 1, 2];
  const old = (name: string) => partitions.map((partition) => ({ value: `${name} ${partition}`, partition }));
  await world.write(topic, ...old('first'));
  for (const { partition } of old('first')) await world.untilCommitted(topic, 1, partition);
  member.consumer.pause();
  await world.write(topic, ...old('held'));
  await world.observer.recreateTopic(topic, 1);
  const fresh = values('new', 40);
  await world.write(topic, ...fresh);
  member.consumer.resume();
  await member.untilHandled(...fresh);
  await world.untilCommitted(topic, fresh.length);
  expect(member.consumer.health().live).toBe(true);
};

/** A member in a process that is frozen for longer than its session, and an administrator at work meanwhile. */
async function whileFrozen(
  world: World,
  handOff: HandOff,
  change: (topic: string) => Promise<void>,
  during: 'nothing' | 'a failing attempt' = 'nothing',
): Promise<{ readonly child: Child; readonly topic: string }> {
  const topic = await world.topic();
  await world.write(topic, 'a', 'b', 'c');
  const { groupId, adapter } = world;
  const child = world.child({
    kind: 'consume',
    handlerTime: during === 'nothing' ? 0 : 300,
    consumer: {
      topic,
      groupId,
      startFrom: 'earliest',
      ...(handOff === 'transactional' && { handOff }),
      client: adapter.client.quick,
    },
  });
  await world.untilCommitted(topic, 3);
  if (during === 'a failing attempt') {
    await world.write(topic, 'bad');
    await child.untilTold('attempt', 4);
  }
  child.pause();
  await change(topic);
  child.wake();
  return { child, topic };
}

/** After what an administrator has done to a member that was frozen, it handles all again from this record on. */
async function handledFrom(
  first: number,
  world: World,
  handOff: HandOff,
  change: (topic: string) => Promise<void>,
): Promise<void> {
  const before = ['a', 'b', 'c'];
  const again = before.slice(first);
  const { child, topic } = await whileFrozen(world, handOff, change);
  await child.untilTold('handled', before.length + again.length);
  await world.write(topic, 'd');
  await child.untilTold('handled', before.length + again.length + 1);
  expect(child.told('handled').map(({ text }) => text)).toEqual([...before, ...again, 'd']);
  await world.untilCommitted(topic, 4);
}

/** Promise 2: the group's offset is what counts, and what is in the log. */
export const goingBack: ScenarioGroup = {
  name: 'a partition that comes back at a lower offset',
  scenarios: [
    ...byHandOff((handOff) => ({
      name: 'of a topic made again, wider and at once, loses nothing of the new one',
      run: madeAgain(handOff, 2, 0, 'earliest'),
    })),
    ...byHandOff((handOff) => ({
      name: 'of a topic made again, wider and after a pause, loses nothing of the new one',
      run: madeAgain(handOff, 2, PAUSE, 'latest'),
    })),
    ...byHandOff((handOff) => ({
      name: 'of a topic made again, as wide and at once, loses nothing of the new one',
      run: madeAgain(handOff, 1, 0, 'latest'),
    })),
    ...byHandOff((handOff) => ({
      name: 'of a topic made again, as wide and after a pause, loses nothing of the new one',
      run: madeAgain(handOff, 1, PAUSE, 'earliest'),
    })),
    ...byHandOff((handOff) => ({
      name: 'of a topic made again, narrower and while its source is held, loses nothing of the new one',
      run: madeAgainWhileHeld(handOff),
    })),
    ...byHandOff((handOff) => ({
      name: 'as an administrator has put it back while the member was frozen, begins there',
      run: (world) =>
        handledFrom(1, world, handOff, (topic) => world.observer.setOffset(world.groupId, topic, 1)),
    })),
    ...byHandOff((handOff) => ({
      name: 'as an administrator has put it back while a frozen member’s copy was on its way, begins there',
      run: async (world) => {
        const { child, topic } = await whileFrozen(
          world,
          handOff,
          (topic) => world.observer.setOffset(world.groupId, topic, 1),
          'a failing attempt',
        );
        await child.untilTold('attempt', 7);
        expect(child.told('attempt').map(({ text }) => text)).toEqual([
          ...['a', 'b', 'c', 'bad'],
          ...['b', 'c', 'bad'],
        ]);
        await world.untilCommitted(topic, 4);
      },
    })),
    ...byHandOff((handOff) => ({
      name: 'as an administrator has put it beyond the end while the member was frozen, begins at the earliest',
      run: (world) =>
        handledFrom(0, world, handOff, (topic) => world.observer.setOffset(world.groupId, topic, 1_000)),
    })),
    ...byHandOff((handOff) => ({
      name: 'whose offsets were deleted while the member was frozen, begins at the earliest',
      run: (world) => handledFrom(0, world, handOff, () => world.observer.deleteGroup(world.groupId)),
    })),
    ...byHandOff((handOff) => ({
      name: 'than the group has committed, beyond its end, is read from the earliest, whatever startFrom says',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a', 'b');
        await world.observer.setOffset(world.groupId, topic, 100);
        const member = await world.joined({ topics: [topic], handOff, startFrom: 'latest' });
        await member.untilHandled('a', 'b');
        await world.write(topic, 'c');
        await member.untilHandled('c');
        expect(member.tried).toEqual(['a', 'b', 'c']);
        expect(member.told('offsetOutOfRange')).toMatchObject([
          { topic, partition: 0, from: 100, to: 0, passedOver: 0, explanation: expect.any(String) },
        ]);
        await until(
          'no more is committed than it has handled',
          async () => (await world.committed(topic)) === 3,
        );
      },
    })),
  ],
};
