import { expect } from 'vitest';
import type { WrittenRecord } from '../harness/observer.js';
import { textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** What Spring Kafka leaves in a retry topic after one attempt. */
function leftBySpring(value: string, source: string, groupId: string, due: number): WrittenRecord {
  const attempts = Buffer.from([0, 0, 0, 2]);
  return {
    value,
    headers: [
      ['kafka_original-topic', source],
      ['kafka_dlt-original-consumer-group', groupId],
      ['retry_topic-attempts', attempts],
      ['retry_topic-backoff-timestamp', Buffer.from(due.toString(16).padStart(12, '0'), 'hex')],
    ],
  };
}

/** Records that wait in retry topics outlive a change of the framework. */
export const takeOvers: ScenarioGroup = {
  name: 'a group that was Spring’s',
  scenarios: [
    {
      name: 'goes on in its retry topics where Spring has stopped: nothing twice, nothing early, nothing missed',
      // The embedded broker takes no offsets from an administrator.
      on: 'kafka',
      run: async (world) => {
        const { groupId, observer } = world;
        const topic = await world.topic();
        const tier = `${topic}-retry-0`;
        await observer.createTopic(tier, 1);
        const due = Date.now() + 1_500;
        const left = (value: string, at: number) => leftBySpring(value, topic, groupId, at);
        await world.write(tier, left('succeeded', 0), left('dead-lettered', 0), left('waits', due));
        await observer.setOffset(`${groupId}-retry-0`, tier, 2);
        const began: number[] = [];
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s', '5s'], naming: 'spring-index' },
          handler: (_, { tier: at, totalAttempts }) => {
            began.push(Date.now());
            expect([at, totalAttempts]).toEqual([1, 2]);
          },
        });
        expect(await world.committed(tier)).toBe(2);
        await member.untilHandled('waits');
        expect(member.tried).toEqual(['waits']);
        expect(began[0]).toBeGreaterThanOrEqual(due);
        await world.untilCommitted(tier, 3);
        expect(await observer.committed(`${groupId}-retry-0`, tier)).toEqual([2]);
      },
    },
    {
      name: 'reads the retry topics that Spring never began from their beginning',
      run: async (world) => {
        const topic = await world.topic();
        const tier = `${topic}-retry-0`;
        await world.observer.createTopic(tier, 1);
        await world.write(tier, leftBySpring('waits', topic, world.groupId, 0));
        const member = await world.joined({
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s', '5s'], naming: 'spring-index' },
        });
        await world.write(topic, 'new');
        await member.untilHandled('waits', 'new');
        expect(
          member
            .told('success')
            .map(({ record }) => textOf(record))
            .sort(),
        ).toEqual(['new', 'waits']);
      },
    },
  ],
};
