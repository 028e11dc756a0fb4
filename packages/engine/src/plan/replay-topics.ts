import { keyedInTier } from './keep-key-order.js';
import type { Route } from './plan-topic.js';
import { replayTopic } from './topic-names.js';

/** What is known of the topics that a configuration has. */
interface Planned {
  readonly groupId: string;
  readonly sources: readonly string[];
  readonly routes: ReadonlyMap<string, Route>;
}

/**
 * The route of the replay topic of a source: dead letters that were sent back to this group alone. A record there is handled as
 * one of its source is, with all tiers ahead of it, and its headers are believed as a tier's are. `undefined` where the
 * configuration has another use for a topic of that name.
 */
export function replayRoute(source: string, { groupId, routes }: Planned): Route | undefined {
  const topic = replayTopic(source, groupId);
  const route = routes.get(source);
  if (route === undefined || routes.has(topic)) return undefined;
  const concurrency = keyedInTier(route.concurrency, route.keepKeyOrder);
  // Its name holds the group, whatever those of the tiers do.
  return { ...route, concurrency, topic, sharedTiers: false };
}

/** Of all sources whose replay topic is among these names. */
export function replayRoutes(names: ReadonlySet<string>, plan: Planned): Route[] {
  return plan.sources.flatMap((source) => {
    const route = replayRoute(source, plan);
    return route !== undefined && names.has(route.topic) ? route : [];
  });
}

/** Whether the records of a route were written by velo, which tells in their headers where they first stood. */
export function holdsCopies({ topic, source }: Route): boolean {
  return topic !== source;
}
