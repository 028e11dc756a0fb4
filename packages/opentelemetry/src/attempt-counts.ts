import type { Attributes, Meter } from '@opentelemetry/api';
import type { AttemptEnd, ObservedAttempt } from '@velo/engine';
import * as names from './conventions.js';

interface Count {
  readonly attributes: Attributes;
  value: number;
}

/**
 * `velo.attempts`: each record's attempt once, of batches too. Read when metrics are collected, and counted in fields: at a
 * hundred thousand records a second, a call of a counter for each would be the dearest part of it (apps/bench).
 */
export class AttemptCounts {
  readonly #groups = new Map<string, GroupAttempts>();

  constructor(meter: Meter) {
    meter
      .createObservableCounter('velo.attempts', {
        unit: '{attempt}',
        description: 'Attempts at records, by outcome; velo.first_attempt: at the first time.',
      })
      .addCallback((result) => {
        for (const group of this.#groups.values())
          for (const { attributes, value } of group.counts()) result.observe(value, attributes);
      });
  }

  of(groupId: string): GroupAttempts {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new GroupAttempts(groupId);
      this.#groups.set(groupId, group);
    }
    return group;
  }
}

/** The attempts of the consumers of one group. */
export class GroupAttempts {
  readonly #groupId: string;
  /** By topic, then by what has become of the attempt. */
  readonly #topics = new Map<string, Map<string, Count>>();

  constructor(groupId: string) {
    this.#groupId = groupId;
  }

  *counts(): Iterable<Readonly<Count>> {
    for (const counts of this.#topics.values()) yield* counts.values();
  }

  add({ context, batch }: ObservedAttempt, end: AttemptEnd): void {
    const { topic } = context.record;
    if (batch === undefined) this.#add(topic, context, end.outcome(0));
    else for (const [i, facts] of batch.entries()) this.#add(topic, facts, end.outcome(i));
  }

  #add(
    topic: string,
    { tier, totalAttempts }: ObservedAttempt['context'],
    outcome: ReturnType<AttemptEnd['outcome']>,
  ): void {
    if (outcome === 'unknown') return;
    let counts = this.#topics.get(topic);
    if (counts === undefined) {
      counts = new Map();
      this.#topics.set(topic, counts);
    }
    const isFirst = totalAttempts === 1;
    const key = outcome === 'success' ? (isFirst ? 'first success' : 'success') : keyOf(outcome, isFirst);
    const count = counts.get(key);
    if (count !== undefined) {
      count.value++;
      return;
    }
    const attributes: Attributes = {
      [names.CONSUMER_GROUP_NAME]: this.#groupId,
      [names.DESTINATION_NAME]: topic,
      [names.TIER]: tier,
      [names.FIRST_ATTEMPT]: isFirst,
      [names.OUTCOME]: outcome === 'success' ? outcome : endOf(outcome),
    };
    if (outcome !== 'success') attributes[names.ERROR_CATEGORY] = outcome.category;
    counts.set(key, { attributes, value: 1 });
  }
}

type Failed = Exclude<ReturnType<AttemptEnd['outcome']>, string>;

const endOf = ({ timedOut }: Failed) => (timedOut ? 'timeout' : 'failure');

const keyOf = (failed: Failed, isFirst: boolean) => `${endOf(failed)} ${failed.category} ${isFirst}`;
