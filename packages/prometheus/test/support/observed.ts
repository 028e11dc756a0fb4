import type {
  AttemptContextFacts,
  AttemptEnd,
  AttemptFailure,
  ConsumerEvent,
  ConsumerEvents,
  ConsumerGauges,
  ConsumerHealth,
  KafkaRecord,
  ObservedConsumer,
  Observer,
  PartitionLag,
} from '@velo/engine';

const HEALTHY: ConsumerHealth = {
  state: 'running',
  live: true,
  ready: true,
  error: undefined,
  restarts: 0,
  pendingHandOffs: 0,
  partitions: [],
  lastContact: undefined,
  unread: [],
  held: [],
  scattered: [],
  waitingKeys: 0,
  followers: 0,
} as unknown as ConsumerHealth;

/** A consumer of `orders`, with one tier, as an observer sees it: each part of what it has at hand can be set. */
export class Observed implements ObservedConsumer {
  readonly topics = ['orders'];
  readonly groupId: string;
  health = HEALTHY;
  sinceContact: number | undefined;
  buffers: ConsumerGauges['buffers'] = [];
  sources: ConsumerGauges['sources'] = [{ topic: 'orders', retryBudget: undefined, breaker: undefined }];
  lags: readonly PartitionLag[] = [];
  /** How often it was asked for its lag. */
  asked = 0;
  readonly #watching: ReturnType<NonNullable<Observer['consumer']>>;

  constructor(observer: Observer, groupId = 'billing') {
    this.groupId = groupId;
    this.#watching = observer.consumer?.(this);
  }

  readonly placeOf = (topic: string) => ({
    source: topic.replace(/-billing-retry-.*/, ''),
    tier: topic.includes('-retry-') ? 1 : 0,
  });

  readonly gauges = (): ConsumerGauges => ({
    health: this.health,
    sinceContact: this.sinceContact,
    buffers: this.buffers,
    sources: this.sources,
  });

  readonly lag = async (): Promise<readonly PartitionLag[]> => {
    this.asked++;
    return this.lags;
  };

  set(health: Partial<ConsumerHealth>): void {
    this.health = { ...this.health, ...health };
  }

  tell<E extends ConsumerEvent>(name: E, event: Partial<ConsumerEvents[E]>): void {
    this.#watching?.on?.[name]?.(event as ConsumerEvents[E]);
  }

  /** One attempt, at a record or at a batch. @param ends what became of each record */
  attempt(
    contexts: readonly Partial<AttemptContextFacts>[],
    ends: readonly ('success' | 'unknown' | AttemptFailure)[],
    { duration = 10, isBatch = false }: { readonly duration?: number; readonly isBatch?: boolean } = {},
  ): void {
    const all = contexts.map((context) => ({ ...FIRST, ...context }));
    const attempt = { context: all[0] as AttemptContextFacts, batch: isBatch ? all : undefined };
    const failure = ends.find((end): end is AttemptFailure => typeof end === 'object');
    const end: AttemptEnd = { duration, failure, outcome: (i) => ends[i] ?? 'success' };
    this.#watching?.attempt?.(attempt)?.ended?.(end, attempt);
  }
}

export const record = (topic = 'orders'): KafkaRecord => ({ topic }) as KafkaRecord;

const FIRST = { record: record(), attempt: 1, tier: 0, totalAttempts: 1 } as AttemptContextFacts;

export const failure = (facts: Partial<AttemptFailure> = {}): AttemptFailure => ({
  error: new Error('no'),
  category: 'NetworkIssue',
  stage: 'handler',
  timedOut: false,
  ...facts,
});
