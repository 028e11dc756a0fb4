import type { Contact, OverdueAnswer, TopicPartition } from '@velo/engine';
import type { ConsumerHandle } from '../connection/consumer-handle.js';
import { codeOf, isSilence } from '../errors/codes.js';

/** Between two rounds of questions, ms. */
const ASK_EVERY = 2_000;
/** Partitions that a round asks about, one after the other: all of 300 within a minute. */
const ASKED_TOGETHER = 10;
/** For an answer, ms. A question that waits holds a thread of libuv's pool. */
const ASK_LIMIT = 1_000;

interface SilentLeader extends TopicPartition {
  readonly since: number;
}

/**
 * Which brokers answer a member. librdkafka tells of one that does not after a minute, and never of one that has
 * accepted the connection only; so the leaders of the member's partitions are asked in turn for an offset. Times are of
 * `performance.now()`, ms.
 */
export class BrokerContact {
  readonly #handle: ConsumerHandle;
  readonly #onEnd: (partition: TopicPartition, end: number) => void;
  #next = 0;
  /** What the member was last assigned: one that has lost its session by the silence owns nothing. */
  #known: readonly TopicPartition[] = [];
  /** Whose leader does not answer, and since when. */
  #silent: SilentLeader | undefined;
  #answeredAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /** @param onEnd told where the log of a partition ends, as its leader has just said */
  constructor(handle: ConsumerHandle, onEnd: (partition: TopicPartition, end: number) => void) {
    this.#handle = handle;
    this.#onEnd = onEnd;
  }

  get facts(): Contact {
    const now = performance.now();
    const silent = this.#silent;
    return {
      sinceAnswer: this.#answeredAt && now - this.#answeredAt,
      overdue: silent === undefined ? [] : [overdueSince(silent, now)],
    };
  }

  /** Whose leaders are asked from now on. */
  assigned(partitions: readonly TopicPartition[]): void {
    this.#known = partitions;
  }

  /** Something has come from a broker. */
  heard(): void {
    this.#answeredAt = performance.now();
  }

  start(): void {
    this.#timer = setTimeout(
      () => void this.#askRound().finally(() => this.#ended || this.start()),
      ASK_EVERY,
    );
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
  }

  /** Ends with the first that is silent. */
  async #askRound(): Promise<void> {
    for (let left = Math.min(ASKED_TOGETHER, this.#known.length); left > 0 && !this.#ended; left--) {
      await this.#ask();
      if (this.#silent !== undefined) return;
    }
  }

  async #ask(): Promise<void> {
    const asked = this.#choose();
    if (asked === undefined) return;
    const { topic, partition } = asked;
    const since = performance.now();
    const silent = await this.#handle
      .call<{ highOffset: number }>((client, callback) =>
        client.queryWatermarkOffsets(topic, partition, ASK_LIMIT, callback),
      )
      .then(
        ({ highOffset }) => {
          if (!this.#ended) this.#onEnd(asked, highOffset);
          return false;
        },
        (error: unknown) => isSilence(codeOf(error)),
      );
    if (silent) this.#silent ??= { topic, partition, since };
    else {
      this.#silent = undefined;
      this.heard();
    }
  }

  /** The one whose leader is silent, until it is not; else one after the other. */
  #choose(): TopicPartition | undefined {
    const { topic, partition } = this.#silent ?? {};
    const silent = this.#known.find((known) => known.topic === topic && known.partition === partition);
    if (silent === undefined) this.#silent = undefined;
    return silent ?? this.#known[this.#next++ % this.#known.length];
  }
}

/** librdkafka does not say how a question failed. Only leaders are asked, so the others that are asked are the same. */
function overdueSince({ topic, partition, since }: SilentLeader, now: number): OverdueAnswer {
  const from = `the leader of partition ${partition} of "${topic}"`;
  return { from, time: now - since, refused: false, error: undefined };
}
