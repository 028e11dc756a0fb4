import type { ConsumerPlan } from './plan.js';
import type { Route } from './plan-topic.js';

/**
 * The topics that a consumer reads: those of its plan, and tiers of another configuration of its group, which are found
 * when it starts.
 */
export class Subscription {
  readonly #plan: ConsumerPlan;
  readonly #routes: Map<string, Route>;

  constructor(plan: ConsumerPlan) {
    this.#plan = plan;
    this.#routes = new Map(plan.routes);
  }

  get topics(): string[] {
    return [...this.#routes.keys()];
  }

  route(topic: string): Route | undefined {
    return this.#routes.get(topic);
  }

  /** Each source with its tiers: partitions of one number are best at one member. */
  get families(): string[][] {
    const routes = [...this.#routes.values()];
    return this.#plan.sources.map((source) => [
      source,
      ...routes.filter((route) => route.source === source && route.tier > 0).map(({ topic }) => topic),
    ]);
  }

  /** Of sources whose keys keep their order: their topics in the order in which records go through them, the source first. */
  get orderedFamilies(): Route[][] {
    const routes = [...this.#routes.values()];
    return this.#plan.sources.flatMap((source) => {
      const family = routes.filter((route) => route.source === source);
      return family[0]?.keepKeyOrder ? [family.sort(byWayThrough)] : [];
    });
  }

  get keepsKeyOrder(): boolean {
    return [...this.#routes.values()].some(({ keepKeyOrder }) => keepKeyOrder);
  }

  /** Tiers that the plan does not name. */
  get former(): Route[] {
    return [...this.#routes.values()].filter(({ topic }) => !this.#plan.routes.has(topic));
  }

  addFormer(routes: readonly Route[]): void {
    for (const route of routes) this.#routes.set(route.topic, route);
  }
}

/** Those with more tiers ahead come first; of a tier and former ones that have the same ahead, the shorter wait. */
function byWayThrough(a: Route, b: Route): number {
  return Math.sign(a.tier) - Math.sign(b.tier) || b.ahead.length - a.ahead.length || a.wait - b.wait;
}
