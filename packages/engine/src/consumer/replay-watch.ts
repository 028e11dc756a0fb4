import { type Clock, exponential, foreignMessage } from '@velo/retry-core';
import { isMissingTopic, lacksRights } from '../failures/client-error.js';
import type { Logger } from '../plan/config.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Route } from '../plan/plan-topic.js';
import { replayRoutes } from '../plan/replay-topics.js';
import type { Subscription } from '../plan/subscription.js';
import type { TopicWatcher } from '../topology/topic-list.js';

export interface ReplayWatchOptions {
  readonly plan: ConsumerPlan;
  readonly subscription: Subscription;
  /** Tells about once a minute which topics there are; gives back what ends that. */
  readonly watch: (watcher: Omit<TopicWatcher, 'client'>) => () => void;
  readonly partitionCount: (topic: string) => Promise<number>;
  /** A replay topic is about to be read; gives back how many partitions it has. */
  readonly follow: (topic: string, source: string) => Promise<number>;
  readonly unfollow: (topic: string) => void;
  /** Called after each look: the member may read other topics than the subscription has by now. */
  readonly onLooked: () => void;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Until a replay topic that could not be read is tried again, ms: each time costs the group two rebalances. */
const TRIED_AGAIN = /* @__PURE__ */ exponential({ initial: 600_000, multiplier: 2, max: 86_400_000 });

/** A replay topic that could not be read. */
interface Refusal {
  readonly times: number;
  /** By the clock's `now`, ms. */
  readonly until: number;
}

/** Looks for the replay topics of the sources: they are read while they exist, and nothing else depends on them. */
export class ReplayWatch {
  readonly #options: ReplayWatchOptions;
  readonly #refusals = new Map<string, Refusal>();
  #cancel = () => {};
  #closed = false;

  constructor(options: ReplayWatchOptions) {
    this.#options = options;
  }

  /** From now on those of the replay topics are read that are among these names, and no others. */
  async found(names: readonly string[]): Promise<void> {
    const { plan, subscription, follow, logger, clock } = this.#options;
    const there = new Set(names);
    // A broker that has just come up may not know all topics.
    await this.#dropIfGone(subscription.replays.filter(({ topic }) => !there.has(topic)));
    for (const route of replayRoutes(there, plan)) {
      const { topic, source } = route;
      if (subscription.route(topic) !== undefined) continue;
      if (clock.now() < (this.#refusals.get(topic)?.until ?? 0)) continue;
      // Brokers that do not tell of it now are asked again a minute later.
      if ((await follow(topic, source).catch(() => 0)) === 0) continue;
      subscription.add([route]);
      logger.info(
        `Group ${plan.groupId} reads ${topic} from now on: dead letters of ${source} come back there.`,
      );
    }
  }

  start(): void {
    const { plan, watch, logger } = this.#options;
    if (this.#closed) return;
    this.#cancel = watch({
      told: (names) => void this.#look(names),
      refused: (error) =>
        logger.warn(
          `Group ${plan.groupId} may not ask which topics there are (${foreignMessage(error)}). Nothing is lost, but a replay topic that is made from now on is read after its next start only. Allow Describe on the topics of the group, and start it again.`,
        ),
    });
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** Replay topics are not read for the time being if this error may be about the right to. @returns whether there were any */
  refuse(error: unknown): boolean {
    const { replays } = this.#options.subscription;
    if (!lacksRights(error)) return false;
    for (const { topic } of replays) this.#refuse(topic, error);
    return replays.length > 0;
  }

  /** Whether a member that fails with this error may fare better without replay topics: those that it may be about are not read. */
  async relieve(error: unknown): Promise<boolean> {
    if (this.refuse(error)) return true;
    if (!isMissingTopic(error)) return false;
    return this.#dropIfGone(this.#options.subscription.replays);
  }

  /** @returns whether there were any */
  async #dropIfGone(replays: readonly Route[]): Promise<boolean> {
    const { partitionCount } = this.#options;
    const counts = await Promise.all(
      replays.map(({ topic }) => partitionCount(topic).catch(() => undefined)),
    );
    const gone = replays.filter((_, i) => counts[i] === 0);
    for (const { topic } of gone) this.#drop(topic);
    return gone.length > 0;
  }

  async #look(names: readonly string[]): Promise<void> {
    await this.found(names);
    if (!this.#closed) this.#options.onLooked();
  }

  #drop(topic: string): void {
    this.#options.subscription.remove(topic);
    this.#options.unfollow(topic);
    this.#refusals.delete(topic);
  }

  #refuse(topic: string, error: unknown): void {
    const { plan, logger, clock } = this.#options;
    const times = this.#refusals.get(topic)?.times ?? 0;
    this.#drop(topic);
    this.#refusals.set(topic, { times: times + 1, until: clock.now() + TRIED_AGAIN.delay(times) });
    if (times > 0) return;
    logger.warn(
      `Group ${plan.groupId} goes on without ${topic}, as it may lack the right to read it (${foreignMessage(error)}). Nothing is lost: dead letters that were sent back there wait until it is tried again, in 10 minutes at first. Allow Read on that topic, and start the consumer again where that is too long.`,
    );
  }
}
