import type { Clock } from '@velo/retry-core';
import type { SourceGauges } from '../observing/gauges.js';
import type { HeldTopic } from '../observing/held.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Route } from '../plan/plan-topic.js';
import { namedSources } from './named-sources.js';
import type { FlowNews } from './news.js';
import { SourceFlow } from './source-flow.js';

export interface FlowOptions {
  readonly plan: Pick<ConsumerPlan, 'sources' | 'routes'>;
  readonly clock: Clock;
  readonly news: FlowNews;
}

/** What may start in one consumer, source by source. It outlives lanes, assignments and members. */
export class Flow {
  readonly #plan: FlowOptions['plan'];
  readonly #sources: ReadonlyMap<string, SourceFlow>;

  constructor({ plan, clock, news }: FlowOptions) {
    this.#plan = plan;
    this.#sources = new Map(
      plan.sources.map((source) => {
        const { flow } = plan.routes.get(source) as Route;
        return [source, new SourceFlow(source, flow, { clock, news })];
      }),
    );
  }

  /** Of a source, and of its tiers. */
  of({ source }: Pick<Route, 'source'>): SourceFlow {
    return this.#sources.get(source) as SourceFlow;
  }

  get held(): HeldTopic[] {
    return [...this.#sources.values()].flatMap(({ held }) => held);
  }

  get gauges(): SourceGauges[] {
    return [...this.#sources.values()].map(({ gauges }) => gauges);
  }

  /** @throws {VeloError} `VELO_INVALID_OPTION` for what is no source of this consumer */
  pause(topics?: readonly string[]): void {
    for (const source of this.#named(topics, 'pause()')) source.hold('user');
  }

  /**
   * Ends what `pause` began, and what the guard holds.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` for what is no source of this consumer
   */
  resume(topics?: readonly string[]): void {
    for (const source of this.#named(topics, 'resume()')) {
      source.release('user');
      source.release('guard');
    }
  }

  close(): void {
    for (const source of this.#sources.values()) source.close();
  }

  #named(topics: readonly string[] | undefined, call: string): SourceFlow[] {
    return namedSources(topics, call, this.#plan).map((source) => this.of({ source }));
  }
}
