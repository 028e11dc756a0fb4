import type { ConsumerPlan } from './plan.js';
import type { Route } from './plan-topic.js';

/**
 * The topics that a consumer reads: those of its plan, tiers of another configuration of its group, which are found when it
 * starts, and replay topics, which come and go.
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

  /** Each source with its tiers and its replay topic: partitions of one number are best at one member. */
  get families(): string[][] {
    const routes = [...this.#routes.values()];
    return this.#plan.sources.map((source) => [
      source,
      ...routes
        .filter((route) => route.source === source && route.topic !== source)
        .map(({ topic }) => topic),
    ]);
  }

  /** Of sources whose keys keep their order: their topics in the order in which records go through them, the source first. */
  get orderedFamilies(): Route[][] {
    const routes = [...this.#routes.values()].filter((route) => !isReplay(route));
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
    return [...this.#routes.values()].filter(
      (route) => !this.#plan.routes.has(route.topic) && !isReplay(route),
    );
  }

  get replays(): Route[] {
    return [...this.#routes.values()].filter(isReplay);
  }

  add(routes: readonly Route[]): void {
    for (const route of routes) this.#routes.set(route.topic, route);
  }

  /** One that the plan does not name. */
  remove(topic: string): void {
    if (!this.#plan.routes.has(topic)) this.#routes.delete(topic);
  }
}

function isReplay({ topic, source, tier }: Route): boolean {
  return tier === 0 && topic !== source;
}

/** Those with more tiers ahead come first; of a tier and former ones that have the same ahead, the shorter wait. */
function byWayThrough(a: Route, b: Route): number {
  return Math.sign(a.tier) - Math.sign(b.tier) || b.ahead.length - a.ahead.length || a.wait - b.wait;
}
