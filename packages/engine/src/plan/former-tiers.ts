import { parseDuration } from '@velo/retry-core';
import { keyedInTier } from './keep-key-order.js';
import { MAX_TIERS, type Route } from './plan-topic.js';
import { springSingleTopic } from './spring-topic-names.js';
import { tierPrefix } from './topic-names.js';

/** What is known of the tiers that a configuration has. */
interface Planned {
  readonly groupId: string;
  readonly sources: readonly string[];
  readonly routes: ReadonlyMap<string, Route>;
}

/**
 * The routes of tiers that an earlier configuration had, or that another member of the group still has while a new
 * configuration is rolled out. They are read for as long as their topics exist, so nothing that waits in them is
 * lost; a record that fails there goes on to the next longer tier of today.
 *
 * @param names of topics that exist
 */
export function formerTiers(names: readonly string[], plan: Planned): Route[] {
  return names.flatMap((name) => formerTier(name, plan) ?? []);
}

/** `undefined` for a topic that no configuration of this group can have had for a tier, or that this one has. */
export function formerTier(topic: string, { groupId, sources, routes }: Planned): Route | undefined {
  if (routes.has(topic)) return undefined;
  for (const source of sources) {
    const route = routes.get(source);
    if (route === undefined) continue;
    const wait = waitOf(topic, route, groupId);
    if (wait === undefined) continue;
    const ahead = route.tiers.filter((tier) => tier.wait > wait);
    const tier = Math.max(1, route.tiers.length - ahead.length);
    const shared = !isOwn(topic, source, groupId);
    const concurrency = keyedInTier(route.concurrency, route.keepKeyOrder);
    return { ...route, concurrency, topic, tier, wait, later: [], ahead, sharedTiers: shared };
  }
  return undefined;
}

/** ms */
function waitOf(topic: string, { source, sharedTiers, tiers }: Route, groupId: string): number | undefined {
  if (isOwn(topic, source, groupId))
    return parseDuration(topic.slice(tierPrefix(source, groupId).length).replace(/-\d+$/, ''));
  const shared = `${source}-retry-`;
  if (!sharedTiers) return undefined;
  const longest = Math.max(0, ...tiers.map(({ wait }) => wait));
  if (topic === springSingleTopic(source)) return longest;
  if (!topic.startsWith(shared)) return undefined;
  const number = /^(\d{1,9})(?:-\d+)?$/.exec(topic.slice(shared.length))?.[1];
  if (number === undefined) return undefined;
  // An index does not tell the wait: of what was taken out, the longest that is left is the nearest.
  return Number(number) < MAX_TIERS ? longest : Number(number);
}

/** Its name holds the group. */
function isOwn(topic: string, source: string, groupId: string): boolean {
  return topic.startsWith(tierPrefix(source, groupId));
}
