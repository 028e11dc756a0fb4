import { VeloError } from '@velo/retry-core';
import { isAnotherTopic } from '../binding/another-topic.js';
import type { ClientBinding, CommittedOffset } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';
import { readOffsetMetadata } from './offset-metadata.js';
import type { OwnOffset } from './own-offset.js';
import type { Doubtful } from './position-reset.js';

type Ids = ReadonlyMap<string, string>;

/** The ids of topics while positions are asked for: none of what is asked then may belong to a topic made meanwhile. */
export class TopicIds {
  readonly #client: ClientBinding;
  readonly #topics: readonly string[];
  readonly #ids: Ids;
  #next: Promise<Ids> | undefined;

  private constructor(client: ClientBinding, topics: readonly string[], ids: Ids) {
    this.#client = client;
    this.#topics = topics;
    this.#ids = ids;
  }

  static async ask(client: ClientBinding, partitions: readonly TopicPartition[]): Promise<TopicIds> {
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    return new TopicIds(client, topics, (await client.topicIds?.(topics)) ?? new Map());
  }

  of(topic: string): string | undefined {
    return this.#ids.get(topic);
  }

  /**
   * A commit of another topic is none of this one. Where commits carry no id, it is taken to be one of the topic that this member
   * has read: what it has read of the old one it may have committed over the new one.
   */
  own({ topic, known }: TopicPartition & Partial<Doubtful>, committed: CommittedOffset): OwnOffset {
    const carried = this.#client.capabilities.offsetMetadata;
    const topicId = carried ? readOffsetMetadata(committed.metadata).topicId : known?.topicId;
    if (!isAnotherTopic(topicId, this.of(topic))) return committed;
    const former = committed.offset === 'earliest' ? 0 : committed.offset;
    return { offset: -1, metadata: '', former };
  }

  /**
   * Asks again; those who ask in one turn share an answer.
   *
   * @throws {VeloError} `VELO_CLIENT` if the topic has been made again since
   */
  async confirm(topic: string): Promise<void> {
    const { topicIds } = this.#client;
    if (topicIds === undefined || this.of(topic) === undefined) return;
    this.#next ??= Promise.resolve().then(() => {
      this.#next = undefined;
      return topicIds(this.#topics);
    });
    const now = await this.#next;
    if (!isAnotherTopic(this.of(topic), now.get(topic))) return;
    throw new VeloError(
      'VELO_CLIENT',
      `Topic ${topic} was deleted and made again while its positions were asked for. Nothing is lost: they are asked for again. Nothing is to be done.`,
    );
  }
}
