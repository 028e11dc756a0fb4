import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

const MOST = 40;
/** In each of two partitions. */
const EACH = 100;

/** Promise 12. */
export const batches: ScenarioGroup = {
  name: 'records in batches',
  scenarios: ([1, 4] as const).map((concurrency) => ({
    name: `are handled once, ${concurrency} batches at once; those that fail go on alone`,
    run: async (world) => {
      const topic = await world.topic(2);
      const written = Array.from({ length: 2 * EACH }, (_, i) => ({
        partition: i % 2,
        key: String(i),
        value: `${i % 25 === 3 ? 'bad' : i % 25 === 9 ? 'flaky' : 'good'} ${i}`,
      }));
      await world.write(topic, ...written);
      const sizes: number[] = [];
      const member = await world.joined({
        topics: [topic],
        concurrency,
        retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
        batch: {
          maxRecords: MOST,
          handler: async (records, { contexts, fail }) => {
            sizes.push(records.length);
            records.forEach((record, index) => {
              if (textOf(record)?.startsWith('flaky') && contexts[index]?.tier === 0)
                fail(index, new Error('not yet'));
            });
            // It does not say which.
            if (records.some((record) => textOf(record)?.startsWith('bad'))) throw new PermanentError('bad');
          },
        },
      });
      for (const partition of [0, 1]) await world.untilCommitted(topic, EACH, partition);
      const flaky = written.filter(({ value }) => value.startsWith('flaky')).map(({ value }) => value);
      await member.untilHandled(...flaky);
      const good = written.filter(({ value }) => !value.startsWith('bad')).map(({ value }) => value);
      expect(member.handled.toSorted()).toEqual(good.toSorted());
      const dead = await world.observer.read(world.ownTopic(topic, 'dlt'));
      const bad = written.filter(({ value }) => value.startsWith('bad')).map(({ value }) => value);
      expect(dead.map(({ text }) => text).toSorted()).toEqual(bad.toSorted());
      expect(member.told('deadLetter').map(({ totalAttempts }) => totalAttempts)).toEqual(bad.map(() => 1));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(MOST);
      expect(Math.max(...sizes)).toBeGreaterThan(1);
    },
  })),
};
