import { explainKafkaError, foreignMessage, formatDuration, VeloError } from '@velo/retry-core';
import type { ClientBinding, TopicDescription } from '../binding/binding.js';
import { isOutage, refusesConfig } from '../failures/client-error.js';
import type { ConsumerPlan } from '../plan/plan.js';
import { type OwnTopic, roomForCopies, sizeOfCopies, topicSpec } from './own-topics.js';
import { createCommand } from './requirements.js';
import { explainCollision } from './topic-collision.js';

export interface TopicMakerOptions {
  readonly client: ClientBinding;
  readonly plan: ConsumerPlan;
  readonly warn: (message: string) => void;
}

/** A topic that is to be made, with as many partitions. */
export interface WantedTopic {
  readonly own: OwnTopic;
  readonly partitions: number;
}

/** Makes topics of velo's own after their sources, as far as the brokers tell of them. */
export class TopicMaker {
  readonly #options: TopicMakerOptions;

  constructor(options: TopicMakerOptions) {
    this.#options = options;
  }

  /** In one request. Whether it has worked: where brokers refuse a part, each topic by itself says why. */
  async createTogether(missing: readonly WantedTopic[]): Promise<boolean> {
    const { client, plan } = this.#options;
    const known = await this.describeAll(missing.flatMap(({ own }) => own.sources));
    const specs = missing.map(({ own, partitions }) => {
      const sources = own.sources.map((source) => known.get(source) ?? {});
      return topicSpec(own, partitions, sources, plan, roomForCopies(sources));
    });
    return client.createTopics(specs).then(
      () => true,
      () => false,
    );
  }

  /**
   * Whether it was created; false where somebody else must do that, and there is time for it.
   *
   * @throws {VeloError} `VELO_TOPOLOGY` where there is none, with the command that makes the topic
   */
  async create({ own, partitions }: WantedTopic): Promise<boolean> {
    const { client, plan, warn } = this.#options;
    const sources = await Promise.all(own.sources.map((source) => this.describe(source)));
    try {
      await this.#createAs(own, partitions, sources);
      return true;
    } catch (error) {
      const { topic } = own;
      if (isOutage(error)) throw error;
      const collision = await explainCollision(client, error, [topic]);
      if (collision !== undefined) throw new VeloError('VELO_TOPOLOGY', collision, { cause: error });
      const explanation = explainKafkaError(error, { topic, partitions });
      const spec = topicSpec(own, partitions, sources, plan, roomForCopies(sources));
      const command = createCommand({ ...own, ...spec });
      if (plan.waitForTopics === 0) {
        throw new VeloError(
          'VELO_TOPOLOGY',
          `The topic ${topic} does not exist and could not be created. Nothing is lost: nothing was read. Create it, or give 'waitForTopics' time until somebody does.\n${command}\n${explanation}`,
          { cause: error },
        );
      }
      warn(
        `The topic ${topic} could not be created (${foreignMessage(error)}). Nothing is lost: the consumer waits until somebody creates it:\n${command}`,
      );
      return false;
    }
  }

  async describeAll(topics: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const names = [...new Set(topics)];
    const all = await Promise.all(names.map((topic) => this.describe(topic)));
    return new Map(names.map((topic, i) => [topic, all[i] as TopicDescription]));
  }

  /** Nothing is known of a topic that cannot be described. */
  async describe(topic: string): Promise<TopicDescription> {
    try {
      return await this.#options.client.describeTopic(topic);
    } catch {
      return {};
    }
  }

  /**
   * Where brokers do not allow records as large as velo wants, what the source takes must do, or their default; and dead letters are kept
   * for as long as they allow.
   */
  async #createAs(own: OwnTopic, partitions: number, sources: readonly TopicDescription[]): Promise<void> {
    const { client, plan, warn } = this.#options;
    const spec = (size: number | undefined) => topicSpec(own, partitions, sources, plan, size);
    try {
      await client.createTopics([spec(roomForCopies(sources))]);
      return;
    } catch (error) {
      if (!refusesConfig(error)) throw error;
    }
    const { configs, ...smaller } = spec(sizeOfCopies(sources));
    try {
      await client.createTopics([{ ...smaller, configs }]);
    } catch (error) {
      const isGiven = 'retention.ms' in plan.topicConfigs;
      if (!refusesConfig(error) || own.kind === 'tier' || isGiven) throw error;
      const { 'retention.ms': _, 'retention.bytes': __, ...rest } = configs;
      await client.createTopics([{ ...smaller, configs: rest }]);
      warn(
        `The brokers do not let ${own.topic} keep its records for ${formatDuration(own.retention)} (${foreignMessage(error)}), so it keeps them for as long as they say. Dead letters that nobody looks at or replays before are gone then. Ask for a longer retention.ms of that topic, or set exhausted.retention to what they allow.`,
      );
    }
  }
}
