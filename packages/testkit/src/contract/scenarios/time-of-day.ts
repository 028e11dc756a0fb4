import { fixed } from '@velo/retry-core';
import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const HOUR = 3_600_000;
/** Of the wait in place and of the tier, ms. */
const WAIT = 1_500;
/** What a busy machine may add, ms; a step would add an hour, or take the whole wait away. */
const SLACK = 5_000;

/** Sets the time of day of this process, as NTP or the resume of a virtual machine does, while `run` runs. */
async function withTimeOfDay(run: (step: (ms: number) => void) => Promise<void>): Promise<void> {
  const now = Date.now;
  let shift = 0;
  Date.now = () => now() + shift;
  try {
    await run((ms) => {
      shift += ms;
    });
  } finally {
    Date.now = now;
  }
}

/** The clients measure by the time of day as well: for a few seconds, which no session notices. */
export const timeOfDay: ScenarioGroup = {
  name: 'when the time of day is set',
  alone: true,
  scenarios: [-HOUR, HOUR].map((step) => ({
    name: `by ${step / HOUR} h, no wait is shorter or longer, and commits go on`,
    run: (world) =>
      withTimeOfDay(async (set) => {
        const topic = await world.topic();
        const attempts: string[] = [];
        const times: number[] = [];
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 2, strategy: fixed(WAIT) }, tiers: [WAIT] },
          handler: (record, { tier, attempt }) => {
            if (textOf(record) !== 'bad') return;
            attempts.push(`${tier} ${attempt}`);
            times.push(performance.now());
            if (tier === 0) throw new Error('busy');
          },
        });
        await world.write(topic, 'first');
        await world.untilCommitted(topic, 1);
        await world.write(topic, 'bad', 'after');
        await member.untilTold('retry');
        set(step);
        await member.untilTold('handOff');
        // Time for the copy to be fetched: from then on it waits by the clock that nobody sets.
        await sleep(WAIT / 2);
        set(-step);
        await member.until('the copy is tried', () => attempts.length === 3);
        expect(attempts).toEqual(['0 1', '0 2', '1 1']);
        for (const [before, after] of [
          [0, 1],
          [1, 2],
        ] as const) {
          const waited = (times[after] as number) - (times[before] as number);
          expect(waited).toBeGreaterThanOrEqual(WAIT - 20);
          expect(waited).toBeLessThan(WAIT + SLACK);
        }
        await world.untilCommitted(topic, 3);
        expect(member.told('late').map(({ lateness }) => Math.abs(lateness) < SLACK)).toEqual([true]);
      }),
  })),
};
