import { Bell, notCommitted, type PartitionOffset } from '@velo/engine';
import type { RdKafkaConsumer, RdKafkaTopicPartition } from '../api.js';
import { coded } from '../errors/codes.js';
import { toCommit } from '../sending/to-commit.js';

interface Pending {
  readonly signature: string;
  settle(error: unknown): void;
}

/**
 * Commits, each with the broker's answer, which the clients hand over without saying to which commit. So there is
 * one commit for each topic: of several partitions it tells an error only if all have failed, and a broker refuses by
 * group or by topic.
 */
export class Commits {
  readonly #consumer: RdKafkaConsumer;
  readonly #pending: Pending[] = [];
  #resting: string | undefined;
  readonly #allAnswered = new Bell();

  constructor(consumer: RdKafkaConsumer) {
    this.#consumer = consumer;
  }

  async commit(offsets: readonly PartitionOffset[]): Promise<void> {
    if (this.#resting !== undefined && offsets.length > 0) throw notCommitted(this.#resting);
    const byTopic = new Map<string, RdKafkaTopicPartition[]>();
    for (const each of offsets) {
      const list = byTopic.get(each.topic) ?? [];
      list.push(toCommit(each));
      byTopic.set(each.topic, list);
    }
    // All of them are waited for: one that librdkafka sends again when another one has failed would come behind the next commit, and put
    // the offset back.
    const ends = await Promise.allSettled([...byTopic.values()].map((list) => this.#commitTopic(list)));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** For the client's callback `offset_commit_cb`. */
  answered(error: unknown, offsets: readonly RdKafkaTopicPartition[]): void {
    const signature = signatureOf(offsets);
    const at = this.#pending.findIndex((pending) => pending.signature === signature);
    if (at >= 0) this.#settle(at, error ? coded(error) : undefined);
  }

  /**
   * No more of them for this reason; resolves when those under way are answered, or after `limit` ms. librdkafka holds
   * back what it cannot send, and sends it as a member of whatever generation it has joined by then: one that is refused
   * makes it leave again, one that is accepted may move the offset of a partition that has another owner.
   */
  async rest(reason: string, limit: number): Promise<void> {
    this.#resting = reason;
    if (this.#pending.length === 0) return;
    await this.#allAnswered.next(limit);
    while (this.#pending.length > 0) this.#settle(0, notCommitted('the broker has not answered'));
  }

  /** The member owns partitions again. */
  goOn(): void {
    this.#resting = undefined;
  }

  #commitTopic(offsets: RdKafkaTopicPartition[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown) => (error === undefined ? resolve() : reject(error));
      this.#pending.push({ signature: signatureOf(offsets), settle });
      try {
        this.#consumer.commit(offsets);
      } catch (error) {
        this.#settle(this.#pending.length - 1, coded(error));
      }
    });
  }

  #settle(at: number, error: unknown): void {
    const [pending] = this.#pending.splice(at, 1);
    pending?.settle(error);
    if (this.#pending.length === 0) this.#allAnswered.ring();
  }
}

function signatureOf(offsets: readonly RdKafkaTopicPartition[]): string {
  return offsets
    .map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`)
    .sort()
    .join();
}
