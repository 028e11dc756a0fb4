import type { ITopicConfig } from 'kafkajs';
import { DEAD, GROUP, SOURCES, type Source, topicAt } from '../plan/topics.js';
import { timeOfDay } from '../time-of-day.js';
import { until } from '../wait.js';
import type { Observer } from './observer.js';

const NODES = [1, 2, 3];
/** ms */
const LIMIT = 30_000;
/** ms. A broker hears of a deletion a little later than another. */
const HEARD = 300;

/** Brokers stamp what is written to a source, so that it can be told when it came to stand there. */
const SOURCE_CONFIG = { 'message.timestamp.type': 'LogAppendTime' };

/** Does to topics and offsets what administrators do, past the proxies. */
export class Administrator {
  readonly #observer: Observer;
  readonly #signal: AbortSignal;

  constructor(observer: Observer, signal: AbortSignal) {
    this.#observer = observer;
    this.#signal = signal;
  }

  /**
   * The sources; where they have no replicas, velo's own topics for them, too: velo would give them some.
   *
   * @param isOffline whether some sources are to have no replicas
   */
  async createTopics(isOffline: boolean): Promise<void> {
    const topics = SOURCES.flatMap((given) => {
      const source = { ...given, unreplicated: given.unreplicated && isOffline };
      const own = Array.from({ length: source.unreplicated ? DEAD : 0 }, (_, i) =>
        topicSpec(source, source.partitions, i + 1),
      );
      return [topicSpec(source, source.partitions), ...own];
    });
    await this.#create(topics);
  }

  /** @returns when the topic was gone, and when the new one could be written to */
  async remake(source: Source, partitions: number): Promise<{ readonly at: number; readonly back: number }> {
    const { topic } = source;
    const isGone = async () => !(await this.#observer.ask((admin) => admin.listTopics())).includes(topic);
    await this.#observer.ask((admin) => admin.deleteTopics({ topics: [topic] }));
    await this.#until(isGone, `${topic} is gone`);
    await new Promise((resolve) => setTimeout(resolve, HEARD));
    const at = timeOfDay();
    await this.#create([topicSpec(source, partitions)]);
    const isBack = async () => (await this.#observer.ends(topic)).size === partitions;
    await this.#until(isBack, `${topic} is there again`);
    return { at, back: timeOfDay() };
  }

  /** Of a group without members. */
  async setOffsets(topic: string, offsets: ReadonlyMap<number, number>): Promise<void> {
    const partitions = [...offsets].map(([partition, offset]) => ({ partition, offset: String(offset) }));
    const isSet = async () => {
      await this.#observer.ask((admin) => admin.setOffsets({ groupId: GROUP, topic, partitions }));
      const committed = await this.#observer.committed(topic);
      return [...offsets].every(([partition, offset]) => committed.get(partition) === offset);
    };
    await this.#until(isSet, `the offsets of ${topic} are set`);
    await this.emptied();
  }

  async deleteGroup(): Promise<void> {
    await this.#until(async () => {
      await this.#observer.ask((admin) => admin.deleteGroups([GROUP]));
      return true;
    }, 'the group is deleted');
  }

  /** When the group has no member any more, each one's session being over. */
  async emptied(): Promise<void> {
    await this.#until(() => this.#observer.isGroupEmpty(), 'the group has no member');
  }

  async #create(topics: ITopicConfig[]): Promise<void> {
    await this.#until(
      async () => {
        await this.#observer.ask((admin) => admin.createTopics({ topics, waitForLeaders: false }));
        return true;
      },
      `${topics.map(({ topic }) => topic).join(', ')} can be made`,
    );
  }

  async #until(look: () => Promise<boolean>, what: string): Promise<void> {
    await until(look, what, { limit: LIMIT, signal: this.#signal });
  }
}

function topicSpec({ topic, unreplicated }: Source, partitions: number, tier = 0): ITopicConfig {
  const configs = {
    ...(tier === 0 && SOURCE_CONFIG),
    ...(unreplicated && { 'min.insync.replicas': '1' }),
  };
  return {
    topic: topicAt(topic, tier),
    ...(unreplicated ? { replicaAssignment: onePerNode(partitions) } : { numPartitions: partitions }),
    configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
  };
}

function onePerNode(partitions: number) {
  return Array.from({ length: partitions }, (_, partition) => ({
    partition,
    replicas: [NODES[partition % NODES.length] as number],
  }));
}
