import { PermanentError } from '@velo/retry-core';
import { expect } from 'vitest';
import { GUEST, SESSION } from '../harness/contract-cluster.js';
import { sleep } from '../harness/until.js';
import { type MemberConfig, textOf } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';

/** Between two records, ms: less than a broker leaves between two authentications of a connection. */
const PACE = 100;
/** Sessions that end while records go through. */
const SESSIONS = 3;

/** Brokers end the sessions of authenticated connections; the client is to authenticate them anew in time. */
export const sessions: ScenarioGroup = {
  name: 'sessions of a few seconds',
  scenarios: [
    {
      name: 'end and begin anew unseen, while records go through the tier and to the dead letters',
      on: 'kafka',
      run: async (world) => {
        const { observer } = world;
        const topic = await world.topic(2);
        const config: MemberConfig = {
          topics: [topic],
          retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
          handler: (record, { tier }) => {
            if (textOf(record)?.startsWith('never')) throw new PermanentError('never');
            if (tier === 0 && textOf(record)?.startsWith('later')) throw new Error('later');
          },
        };
        const { acls } = await world
          .member(config)
          .consumer.requirements({ principal: `User:${GUEST.username}` });
        await observer.grant(GUEST.username, acls);
        const member = world.member(config, world.cluster.saslAddress(GUEST));
        await member.consumer.start();
        // By a coordinator that was loading, if at all.
        const crashes = member.told('crashed').length;
        const count = Math.ceil((SESSIONS * SESSION) / PACE);
        for (let i = 0; i < count; i++) {
          const kind = ['good', 'later', 'never'][i % 3];
          await world.write(topic, { value: `${kind} ${i}`, partition: i % 2 });
          await sleep(PACE);
        }
        const letters = Math.floor(count / 3);
        await member.untilTold('deadLetter', letters);
        await member.until('all others are handled', () => member.handled.length === count - letters);
        expect(new Set(member.tried).size).toBe(count);
        expect(member.told('crashed')).toHaveLength(crashes);
        expect(member.consumer.health().state).toBe('running');
      },
    },
    {
      name: 'do not hide a wrong setup: where the listener knows no authentication, start() rejects and says so',
      on: 'kafka',
      run: async (world) => {
        const topic = await world.topic();
        const { brokers, bootstrapServers } = world.cluster;
        const member = world.member({ topics: [topic] }, { brokers, bootstrapServers, sasl: GUEST });
        await expect(member.consumer.start()).rejects.toThrow(/SASL/);
        expect(member.consumer.health().state).toBe('dead');
      },
    },
  ],
};
