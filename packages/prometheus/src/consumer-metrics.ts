import type {
  AttemptContextFacts,
  AttemptEnd,
  ConsumerListeners,
  ConsumerObserver,
  ObservedAttempt,
  ObservedConsumer,
  WatchedAttempt,
} from '@velo/engine';
import { consumerListeners } from './consumer-listeners.js';
import type { Instruments } from './instruments.js';
import { TopicTally } from './topic-tally.js';

/** Counts what one consumer does. It watches each attempt itself, so that none costs an object. */
export class ConsumerMetrics implements ConsumerObserver, WatchedAttempt {
  readonly on: ConsumerListeners;
  readonly #consumer: ObservedConsumer;
  readonly #instruments: Instruments;
  readonly #tallies = new Map<string, TopicTally>();
  /** The topic of the last attempt, which is mostly that of the next one, too. */
  #last: TopicTally | undefined;

  constructor(consumer: ObservedConsumer, instruments: Instruments) {
    this.#consumer = consumer;
    this.#instruments = instruments;
    const flush = () => {
      for (const tally of this.#tallies.values()) tally.flush();
    };
    const forget = instruments.gauges.add(consumer);
    instruments.tallies.add(flush);
    this.on = consumerListeners(consumer, instruments.metered, () => {
      flush();
      instruments.tallies.delete(flush);
      forget();
    });
  }

  attempt(): WatchedAttempt {
    return this;
  }

  ended({ duration, failure, outcome }: AttemptEnd, { context, batch }: ObservedAttempt): void {
    const tally = this.#tallyOf(context.record.topic, context.tier);
    tally.took(duration, failure);
    if (batch === undefined) count(tally, outcome(0), context);
    else for (const [i, one] of batch.entries()) count(tally, outcome(i), one);
  }

  #tallyOf(topic: string, tier: number): TopicTally {
    if (this.#last?.topic === topic) return this.#last;
    this.#last = this.#tallies.get(topic) ?? this.#newTally(topic, tier);
    return this.#last;
  }

  #newTally(topic: string, tier: number): TopicTally {
    const { groupId, placeOf } = this.#consumer;
    const labels = { group: groupId, topic: placeOf(topic).source, tier: String(tier) };
    const tally = new TopicTally(topic, labels, this.#instruments.metered);
    this.#tallies.set(topic, tally);
    return tally;
  }
}

/** What counts as no attempt, since it will be made again, is left out. */
function count(
  tally: TopicTally,
  end: ReturnType<AttemptEnd['outcome']>,
  { totalAttempts }: AttemptContextFacts,
): void {
  if (end === 'success') tally.succeeded(totalAttempts);
  else if (end !== 'unknown') tally.failed(end, totalAttempts);
}
