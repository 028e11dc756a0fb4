import { expect } from 'vitest';
import { sleep } from '../../support/until.js';
import { GUEST } from '../harness/contract-cluster.js';
import { failingByText } from '../harness/failing-by-text.js';
import { guest, guestsRequirements } from '../harness/guest.js';
import type { MemberConfig, World } from '../harness/world.js';
import type { ScenarioGroup } from '../scenario.js';
import { byHandOff } from './by-hand-off.js';

/** ms */
const GONE_FOR = 8_000;
/** The last restart before the rights return may wait for 6.4 s, and the busy machine for itself. ms */
const LIMIT = 45_000;

/** A user's rights are changed step by step: for seconds it may neither write copies nor read. */
export const lostRights: ScenarioGroup = {
  name: 'rights that are taken away and given back',
  scenarios: byHandOff((handOff) => ({
    name: 'cost no record and end nothing',
    limit: LIMIT,
    run: async (world: World) => {
      const { observer } = world;
      const topic = await world.topic();
      const config: MemberConfig = {
        topics: [topic],
        handOff,
        ...failingByText,
      };
      const { acls } = await guestsRequirements(world, config);
      await observer.grant(GUEST.username, acls);
      const member = guest(world, config);
      await member.consumer.start();
      await world.write(topic, 'later 1', 'never 1', 'good 1');
      await member.untilTold('deadLetter');
      await member.untilHandled('later 1', 'good 1');

      const rights = acls.filter(({ resource }) => resource === 'topic');
      const writes = rights
        .filter(({ name }) => name !== topic)
        .map((acl) => ({ ...acl, operations: ['Write'] as const }));
      for (const acl of writes) await observer.revoke(GUEST.username, acl);
      await world.write(topic, 'later 2', 'never 2', 'good 2');
      await member.untilTold('publishFailed', 2);
      for (const acl of rights) await observer.revoke(GUEST.username, acl);
      await member.untilTold('crashed', 4);
      await world.write(topic, 'good 3');
      await sleep(GONE_FOR);
      expect(member.consumer.health().state).toBe('retrying');
      await observer.grant(GUEST.username, rights);

      await member.until('all is handled', () => member.handled.includes('good 3'), LIMIT);
      await member.untilTold('deadLetter', 2);
      await member.untilHandled('later 2');
      await world.untilCommitted(topic, 7);
      expect((await observer.read(world.ownTopic(topic, 'dlt'))).map(({ text }) => text)).toEqual([
        'never 1',
        'never 2',
      ]);
      expect(member.handled.toSorted()).toEqual(['good 1', 'good 2', 'good 3', 'later 1', 'later 2']);
      expect(member.told('publishRefused')).toEqual([]);
      expect(member.consumer.health().state).toBe('running');
    },
  })),
};
