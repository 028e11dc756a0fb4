import type { AttemptFailure } from '@velo/engine';
import type { Metered } from './metered.js';
import type { TalliedSeries } from './tallied-histogram.js';

export type TopicLabels = {
  readonly group: string;
  readonly topic: string;
  readonly tier: string;
};

export type Outcome = 'success' | 'failure' | 'timeout';

/**
 * Attempts at the records of one topic. What succeeds is counted in two numbers, and handed to prom-client when somebody reads
 * its metrics: there, each count costs about 1 us.
 */
export class TopicTally {
  readonly topic: string;
  readonly #labels: TopicLabels;
  readonly #metered: Metered;
  readonly #durations: Readonly<Record<Outcome, TalliedSeries>>;
  #firsts = 0;
  #others = 0;

  /** @param topic which is read, a source or a tier */
  constructor(topic: string, labels: TopicLabels, metered: Metered) {
    this.topic = topic;
    this.#labels = labels;
    this.#metered = metered;
    const of = (outcome: Outcome) => metered.handlerDuration.series({ ...labels, outcome });
    this.#durations = { success: of('success'), failure: of('failure'), timeout: of('timeout') };
  }

  /** @param duration ms */
  took(duration: number, failure: AttemptFailure | undefined): void {
    this.#durations[outcomeOf(failure)].observe(duration / 1_000);
  }

  succeeded(totalAttempts: number): void {
    if (totalAttempts === 1) this.#firsts++;
    else this.#others++;
  }

  failed(failure: AttemptFailure, totalAttempts: number): void {
    const { category } = failure;
    const first = String(totalAttempts === 1);
    this.#metered.attempts.inc({ ...this.#labels, outcome: outcomeOf(failure), category, first });
  }

  /** Hands over what was counted since the last time. */
  flush(): void {
    const { attempts, records } = this.#metered;
    const { group, topic } = this.#labels;
    const ended = { ...this.#labels, outcome: 'success', category: 'none' };
    attempts.inc({ ...ended, first: 'true' }, this.#firsts);
    attempts.inc({ ...ended, first: 'false' }, this.#others);
    records.inc({ group, topic, kind: 'successful_without_retry' }, this.#firsts);
    records.inc({ group, topic, kind: 'successful_with_retry' }, this.#others);
    this.#firsts = 0;
    this.#others = 0;
  }
}

function outcomeOf(failure: AttemptFailure | undefined): Outcome {
  if (failure === undefined) return 'success';
  return failure.timedOut ? 'timeout' : 'failure';
}
