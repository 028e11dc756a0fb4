import type { Clock } from '@velo/retry-core';
import { isAnotherTopic } from '../binding/another-topic.js';
import type { ClientBinding } from '../binding/binding.js';
import type { TopicPartition } from '../binding/record.js';

export interface TopicWatchOptions {
  /** Undefined where the client cannot ask. */
  readonly topicIds: ClientBinding['topicIds'];
  /** What is read, with the id of the topic that it is read from. */
  readonly reading: () => Iterable<TopicPartition & { readonly topicId: string | undefined }>;
  /** The topic is another one by now: where the partition stands must be asked. */
  readonly onMadeAgain: (partition: TopicPartition) => void;
  readonly clock: Clock;
}

/** Between two looks, ms. What is read of the new topic until then comes again. */
const LOOK_EVERY = 10_000;

/**
 * Looks whether a topic was deleted and made again. A client may not notice: once the new log is longer than where it reads,
 * it goes on there, and what lies below is never read.
 */
export class TopicWatch {
  readonly #options: TopicWatchOptions;
  #cancel = () => {};
  #closed = false;

  constructor(options: TopicWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { topicIds, clock } = this.#options;
    if (topicIds === undefined || this.#closed) return;
    this.#cancel = clock.schedule(LOOK_EVERY, () => void this.#look(topicIds).then(() => this.start()));
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  async #look(topicIds: NonNullable<ClientBinding['topicIds']>): Promise<void> {
    const topics = new Set<string>();
    for (const { topic, topicId } of this.#options.reading()) if (topicId !== undefined) topics.add(topic);
    if (topics.size === 0) return;
    try {
      const now = await topicIds([...topics]);
      if (this.#closed) return;
      for (const { topic, partition, topicId } of [...this.#options.reading()])
        if (isAnotherTopic(topicId, now.get(topic))) this.#options.onMadeAgain({ topic, partition });
    } catch {
      // The brokers do not tell now: the next look asks again.
    }
  }
}
