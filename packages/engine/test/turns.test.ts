import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Turns } from '../src/binding/turns.js';

it('so many run at once and no more, each runs once, and a failure is its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (scheduler, atOnce, outcomes) => {
        const turns = new Turns(atOnce);
        let [running, most, ran] = [0, 0, 0];
        const all = outcomes.map((succeeds, i) =>
          turns.run(async () => {
            running++;
            ran++;
            most = Math.max(most, running);
            await scheduler.schedule(Promise.resolve());
            running--;
            if (!succeeds) throw new Error(String(i));
            return i;
          }),
        );
        const settled = Promise.allSettled(all);
        await scheduler.waitFor(settled);
        expect((await settled).map(({ status }) => status === 'fulfilled')).toEqual(outcomes);
        expect([ran, most]).toEqual([outcomes.length, Math.min(atOnce, outcomes.length)]);
      },
    ),
  );
});
