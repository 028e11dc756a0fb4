import { parseDuration } from '@velo/retry-core';
import { type ConsumerPlan, MAX_TIERS, type Route } from '../plan/plan.js';
import { tierPrefix } from '../plan/topic-names.js';

/**
 * The routes of tiers that an earlier configuration had, or that another member of the group still has while a new
 * configuration is rolled out. They are read for as long as their topics exist, so nothing that waits in them is
 * lost; a record that fails there goes on to the next longer tier of today.
 */
export function formerTiers(names: readonly string[], plan: ConsumerPlan): Route[] {
  return plan.sources.flatMap((source) => {
    const route = plan.routes.get(source) as Route;
    const own = tierPrefix(source, plan.groupId);
    const shared = `${source}-retry-`;
    return names
      .filter((name) => !plan.routes.has(name))
      .flatMap((topic) => {
        const isOwn = topic.startsWith(own);
        if (!isOwn && !(route.sharedTiers && topic.startsWith(shared))) return [];
        const wait = isOwn
          ? parseDuration(topic.slice(own.length).replace(/-\d+$/, ''))
          : springWait(topic.slice(shared.length), route.limits.tiers);
        if (wait === undefined) return [];
        const shorter = route.limits.tiers.filter((tier) => tier <= wait).length;
        const tier = Math.max(1, shorter);
        return [{ ...route, topic, tier, nextTier: shorter, wait, sharedTiers: !isOwn }];
      });
  });
}

/** ms. An index does not tell the wait: of what was taken out, the longest that is left is the nearest. */
function springWait(suffix: string, tiers: readonly number[]): number | undefined {
  const number = /^(\d{1,9})(?:-\d+)?$/.exec(suffix)?.[1];
  if (number === undefined) return undefined;
  return Number(number) < MAX_TIERS ? Math.max(0, ...tiers) : Number(number);
}
