import { type Clock, fixed, withJitter } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { lacksRights } from '../failures/client-error.js';

type Client = Pick<ClientBinding, 'listTopics'>;

/** Who wants to know, about once a minute, which topics there are. */
export interface TopicWatcher {
  readonly client: Client;
  readonly told: (names: readonly string[]) => void;
  /** The brokers do not tell, and are not asked again. */
  readonly refused: (error: unknown) => void;
}

/** About once a minute, each process at other times: 40 to 80 s. */
const EVERY = /* @__PURE__ */ withJitter(/* @__PURE__ */ fixed(80_000), 'equal');

/** The names of all topics, for all consumers of a process: of 8,000 partitions an answer takes megabytes. */
export class TopicList {
  readonly #clock: Clock;
  readonly #watchers = new Set<TopicWatcher>();
  #asking: Promise<readonly string[]> | undefined;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Those who ask at the same time share one answer. */
  ask(client: Client): Promise<readonly string[]> {
    this.#asking ??= client.listTopics().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** One answer is for all who watch. Gives back what ends it. */
  watch(watcher: TopicWatcher): () => void {
    this.#watchers.add(watcher);
    this.#lookLater();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) this.#rest();
    };
  }

  #lookLater(): void {
    if (this.#watchers.size > 0)
      this.#cancel ??= this.#clock.schedule(EVERY.delay(0), () => void this.#look());
  }

  #rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #look(): Promise<void> {
    this.#cancel = undefined;
    const [first] = this.#watchers as Iterable<TopicWatcher>;
    if (first === undefined) return;
    try {
      const names = await this.ask(first.client);
      for (const { told } of this.#watchers) told(names);
    } catch (error) {
      // What one client is not told now, another one may be in a minute.
      if (this.#watchers.delete(first) && !lacksRights(error)) this.#watchers.add(first);
      if (lacksRights(error)) first.refused(error);
    }
    this.#lookLater();
  }
}
