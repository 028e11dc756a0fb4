import type { EndSignal } from '@velo/engine';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import type { Child } from '../harness/child.js';
import type { World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** For committing, leaving and closing, and for the process to end, on a busy machine. In ms. */
const FAREWELL = 8_000;
/** What comes sooner is taken for the same signal; ms. */
const SAME_SIGNAL = 1_000;

interface Limits {
  readonly timeout?: number;
  readonly abortAfter?: number;
}

/** A process that consumes, and closes on these signals. */
async function closing(
  world: World,
  topic: string,
  signals: readonly EndSignal[],
  handlerTime: number,
  limits: Limits = {},
): Promise<Child> {
  const { groupId, adapter } = world;
  const consumer = { topic, groupId, startFrom: 'earliest', client: adapter.client.quick } as const;
  const child = world.child({ kind: 'consume', consumer, handlerTime, closeOn: { signals, ...limits } });
  await child.untilTold('started');
  return child;
}

const ended = (child: Child, within: number) =>
  child.until('it has ended', () => child.ended !== undefined, within);

/** Real signals to a real process. */
export const shutdown: ScenarioGroup = {
  name: 'a process that closes on signals',
  scenarios: [
    {
      name: 'finishes what runs, commits it, leaves the group, and ends by itself',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'a', 'b');
        const child = await closing(world, topic, ['SIGTERM', 'SIGINT'], 1_000);
        await child.untilTold('attempt');
        child.signal('SIGTERM');
        await ended(child, 1_000 + FAREWELL);
        expect(child.ended).toBe(0);
        expect(child.told('handled').map(({ text }) => text)).toEqual(['a']);
        expect(await world.committed(topic)).toBe(1);
        const next = await world.joined({ topics: [topic] });
        await next.untilHandled('b');
        expect(next.handled).toEqual(['b']);
      },
    },
    {
      name: 'aborts handlers early enough, waits for none that never ends, and loses no record of theirs',
      run: async (world) => {
        const topic = await world.topic(2);
        await world.write(topic, 'heeds', { value: 'stuck', partition: 1 });
        const limits = { timeout: 3_000, abortAfter: 300 };
        const child = await closing(world, topic, ['SIGTERM'], 0, limits);
        await child.untilTold('attempt', 2);
        const begin = Date.now();
        child.signal('SIGTERM');
        await child.untilTold('aborted');
        await ended(child, limits.timeout + FAREWELL);
        expect(Date.now() - begin).toBeGreaterThanOrEqual(limits.timeout * 0.8);
        expect(child.ended).toBe(0);
        expect(await world.observer.committed(world.groupId, topic)).toEqual([0, 0]);
        const next = await world.joined({ topics: [topic] });
        await next.untilHandled('heeds', 'stuck');
      },
    },
    {
      name: 'is ended at once by another signal, and loses nothing',
      run: async (world) => {
        const topic = await world.topic();
        await world.write(topic, 'stuck');
        const child = await closing(world, topic, ['SIGINT'], 0);
        await child.untilTold('attempt');
        child.signal('SIGINT');
        child.signal('SIGINT');
        await sleep(SAME_SIGNAL / 2);
        expect(child.ended).toBeUndefined();
        await child.until('it is heard no more', () => {
          child.signal('SIGINT');
          return child.ended !== undefined;
        });
        expect(child.ended).toBe('SIGINT');
        const next = await world.joined({ topics: [topic] });
        await next.untilHandled('stuck');
      },
    },
  ],
};
