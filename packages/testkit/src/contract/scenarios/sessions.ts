import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { GUEST, SESSION } from '../harness/contract-cluster.js';
import { failingByText } from '../harness/failing-by-text.js';
import { guest, guestsRequirements } from '../harness/guest.js';
import type { MemberConfig } from '../harness/world.js';
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
          ...failingByText,
        };
        const { acls } = await guestsRequirements(world, config);
        await observer.grant(GUEST.username, acls);
        const member = guest(world, config);
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
