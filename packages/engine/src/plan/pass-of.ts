import type { Route } from './plan-topic.js';

/** The route of a tier's record whose next attempt is made in another one: see `WaitsFor`. */
export function tierOf(route: Route, tierNumber: number): Route {
  const tier = route.tiers[tierNumber - 1];
  if (tier === undefined || tierNumber === route.tier) return route;
  return { ...route, tier: tierNumber, wait: tier.wait, later: [], ahead: route.tiers.slice(tierNumber) };
}

/**
 * The route of a tier's record. One topic of Spring's may stand for several tiers: at which of them the record is, its
 * attempts tell, as Spring reckons it. It ends however they were counted, since each pass adds to them.
 *
 * @param attempts so far, in all topics
 */
export function passOf(route: Route, attempts: number): Route {
  const { later, tier, limits } = route;
  if (later.length === 0) return route;
  const tierNumber = Math.ceil(attempts / limits.maxAttempts);
  return later[Math.min(tierNumber - tier, later.length) - 1] ?? route;
}
