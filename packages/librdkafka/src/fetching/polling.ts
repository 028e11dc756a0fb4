import type { RdKafkaConsumer, RdKafkaMessage } from '../api.js';

/** Records in one call. */
const MAX_BATCH = 1_000;
/** Bytes that one call is to bring, roughly, going by the records before it. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** ms. The clients' own wait holds a thread of libuv's pool, and holds records back until the batch is full. */
const IDLE_WAIT = 5;

export interface PollingOptions {
  readonly consumer: RdKafkaConsumer;
  readonly onMessages: (messages: readonly RdKafkaMessage[]) => void;
  /** Told of errors; the clients drop one that comes behind messages in one call. */
  readonly onError: (error: unknown) => void;
  /** Whether messages are of no use at present. */
  readonly isFull: () => boolean;
}

/** Asks for messages again and again; librdkafka hands out rebalances and answers to commits only meanwhile. */
export class Polling {
  readonly #options: PollingOptions;
  /** Tasks that must not run while a call is under way. */
  readonly #tasks: (() => Promise<void> | void)[] = [];
  #state: 'idle' | 'calling' | 'working' | 'waiting' | 'ended' = 'idle';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #batchSize = MAX_BATCH;
  #atRest: (() => void) | undefined;
  readonly #rounds = new Set<{ left: number; resolve: () => void }>();
  #asked = 0;
  #emptyAt = Number.NEGATIVE_INFINITY;

  constructor(options: PollingOptions) {
    this.#options = options;
  }

  start(): void {
    this.#options.consumer.setDefaultConsumeTimeout(0);
    this.#call();
  }

  /** It has begun and not ended. */
  get running(): boolean {
    return this.#state !== 'idle' && this.#state !== 'ended';
  }

  /**
   * When librdkafka last had no message more, by `performance.now()`: what had been fetched by then was handed out, though it
   * stood in one queue with all others.
   */
  get emptyAt(): number {
    return this.#emptyAt;
  }

  /**
   * Runs `task` while no call is under way: a call on its way through a rebalance or a seek could bring records of
   * before among those of after.
   */
  between<R>(task: () => Promise<R> | R): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      this.#tasks.push(async () => {
        try {
          resolve(await task());
        } catch (error) {
          reject(error);
        }
      });
      if (this.#state === 'calling' || this.#state === 'working') return;
      clearTimeout(this.#timer);
      void this.#work();
    });
  }

  /** There is room again, or a reason to hurry. */
  wake(): void {
    if (this.#state !== 'waiting') return;
    clearTimeout(this.#timer);
    this.#call();
  }

  /** Resolves when a whole call has come and gone, and with it all that librdkafka had to hand out. Only while it polls. */
  round(): Promise<void> {
    this.wake();
    // Two calls, since the one that is under way may have looked already.
    return new Promise((resolve) => this.#rounds.add({ left: 2, resolve }));
  }

  /** No more calls; resolves when the last one is back. */
  end(): Promise<void> {
    clearTimeout(this.#timer);
    const busy = this.#state === 'calling' || this.#state === 'working';
    if (!busy) this.#state = 'ended';
    return busy
      ? new Promise((resolve) => {
          this.#atRest = resolve;
        })
      : Promise.resolve();
  }

  #call(): void {
    const { consumer, isFull } = this.#options;
    this.#state = 'calling';
    this.#asked = isFull() ? 1 : this.#batchSize;
    consumer.consume(this.#asked, (error, messages) => this.#back(error, messages ?? []));
  }

  #back(error: unknown, messages: readonly RdKafkaMessage[]): void {
    const { isFull, onError, onMessages } = this.#options;
    const quiet = this.#tasks.length === 0 && this.#atRest === undefined;
    if (!error && messages.length < this.#asked) this.#emptyAt = performance.now();
    this.#measure(messages);
    this.#passRound();
    // The next call runs in its thread while handlers run in this one.
    const goOn = quiet && messages.length > 0 && !isFull();
    if (goOn) this.#call();
    else this.#state = 'working';
    if (error) onError(error);
    if (messages.length > 0) onMessages(messages);
    if (!goOn) void this.#work();
  }

  async #work(): Promise<void> {
    const ended = this.#state === 'ended';
    this.#state = 'working';
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) await task();
    if (ended || this.#atRest !== undefined) {
      this.#state = 'ended';
      this.#atRest?.();
      return;
    }
    this.#state = 'waiting';
    this.#timer = setTimeout(() => this.#call(), IDLE_WAIT);
  }

  #passRound(): void {
    for (const round of this.#rounds) {
      if (--round.left > 0) continue;
      this.#rounds.delete(round);
      round.resolve();
    }
  }

  #measure(messages: readonly RdKafkaMessage[]): void {
    if (messages.length === 0) return;
    let bytes = 0;
    for (const { value } of messages) bytes += value?.length ?? 0;
    const average = bytes / messages.length;
    this.#batchSize = Math.max(1, Math.min(MAX_BATCH, Math.floor(MAX_BATCH_BYTES / (average + 1))));
  }
}
