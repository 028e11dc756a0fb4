import { parseDuration } from '../durations/parse-duration.js';
import type { ClientBinding } from './binding.js';
import type { ConsumerPlan, Route } from './plan.js';
import { tierPrefix } from './topic-names.js';

/**
 * The routes of tiers that an earlier configuration had, or that another member of the group still has while a new
 * configuration is rolled out. They are read for as long as their topics exist, so nothing that waits in them is
 * lost; a record that fails there goes on to the next longer tier of today.
 */
export async function formerTiers(client: ClientBinding, plan: ConsumerPlan): Promise<Route[]> {
  const names = (await client.listTopics?.()) ?? [];
  return plan.sources.flatMap((source) => {
    const route = plan.routes.get(source) as Route;
    const prefix = tierPrefix(source, plan.groupId);
    return names
      .filter((name) => name.startsWith(prefix) && !plan.routes.has(name))
      .flatMap((topic) => {
        const wait = parseDuration(topic.slice(prefix.length).replace(/-\d+$/, ''));
        if (wait === undefined) return [];
        const shorter = route.limits.tiers.filter((tier) => tier <= wait).length;
        return [{ ...route, topic, tier: Math.max(1, shorter), nextTier: shorter, wait }];
      });
  });
}
