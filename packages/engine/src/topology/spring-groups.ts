import { foreignMessage } from '@velo/retry-core';
import type { ClientBinding } from '../binding/binding.js';
import { partitionKey, type TopicPartition } from '../binding/record.js';
import { lacksRights } from '../failures/client-error.js';
import type { Logger } from '../plan/config.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { springSingleTopic } from '../plan/spring-topic-names.js';
import { replayTopic } from '../plan/topic-names.js';

export interface SpringGroupsOptions {
  readonly plan: ConsumerPlan;
  readonly client: Pick<ClientBinding, 'committed'>;
  readonly logger: Logger;
}

/**
 * The groups by which Spring Kafka reads retry topics that velo shares with it: to each it gives one of its own, and what
 * they have committed is done (EndpointCustomizerFactory).
 */
export class SpringGroups {
  readonly #options: SpringGroupsOptions;
  /** Told once each. */
  readonly #told = new Set<string>();

  constructor(options: SpringGroupsOptions) {
    this.#options = options;
  }

  /**
   * Where Spring has got to in these partitions, by their keys; nothing where it has never been, or does not let us know:
   * then its copies are handled again.
   *
   * @throws what the coordinators of its groups fail with
   */
  async positions(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>();
    for (const [group, those] of this.#byGroup(partitions)) {
      for (const [key, offset] of await this.#committed(group, those)) found.set(key, offset);
    }
    return found;
  }

  /** Tells once of a retry topic of Spring's that nobody here reads: what it has left there would wait for ever. */
  tellOfUnread(names: readonly string[], isRead: (topic: string) => boolean): void {
    const { plan, logger } = this.#options;
    for (const source of plan.sources) {
      const topic = springSingleTopic(source);
      if (!names.includes(topic) || isRead(topic) || this.#told.has(topic)) continue;
      this.#told.add(topic);
      logger.warn(
        `The topic ${topic} exists, as Spring Kafka names the one retry topic of ${source} by default, and group ${plan.groupId} does not read it. Copies that a Spring application of this group has left there are handled by nobody, until retention deletes them. To take them over, set retry.naming to 'spring-single'; if the topic is somebody else's, nothing is to be done.`,
      );
    }
  }

  async #committed(group: string, partitions: readonly TopicPartition[]): Promise<[string, number][]> {
    const { plan, client, logger } = this.#options;
    try {
      const committed = await client.committed(group, partitions);
      return partitions.flatMap(({ topic, partition }, i) => {
        const offset = committed[i]?.offset ?? -1;
        return typeof offset === 'number' && offset >= 0 ? [[partitionKey(topic, partition), offset]] : [];
      });
    } catch (error) {
      if (!lacksRights(error)) throw error;
      if (!this.#told.has(group)) {
        logger.warn(
          `Group ${plan.groupId} may not see what Spring's group ${group} has committed (${foreignMessage(error)}). Nothing is lost: what Spring has handled there comes again. To take over where Spring has stopped, allow Describe for that group.`,
        );
      }
      this.#told.add(group);
      return [];
    }
  }

  #byGroup(partitions: readonly TopicPartition[]): Map<string, TopicPartition[]> {
    const groups = new Map<string, TopicPartition[]>();
    for (const partition of partitions) {
      const group = springGroupOf(partition.topic, this.#options.plan);
      if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), partition]);
    }
    return groups;
  }
}

/** Spring's group for a retry topic: the main one and the topic's suffix, as in `billing-retry-0`. */
export function springGroupOf(topic: string, { groupId, sources, routes }: ConsumerPlan): string | undefined {
  const planned = routes.get(topic);
  const source = planned?.source ?? sources.find((one) => topic.startsWith(`${one}-retry`));
  if (source === undefined || topic === source || !routes.get(source)?.sharedTiers) return undefined;
  if (topic === replayTopic(source, groupId)) return undefined;
  return `${groupId}${topic.slice(source.length)}`;
}
