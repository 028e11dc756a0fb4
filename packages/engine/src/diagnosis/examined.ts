import type { Clock } from '@velo/retry-core';
import type { ClientBinding, TopicDescription } from '../binding/binding.js';
import type { ConsumerPlan } from '../plan/plan.js';
import type { Questions } from './questions.js';

/** What is looked at, and by what. */
export interface Examined {
  readonly client: ClientBinding;
  readonly plan: ConsumerPlan;
  readonly questions: Questions;
  readonly clock: Clock;
}

/** A topic that is there. */
export interface ExaminedTopic {
  readonly topic: string;
  readonly kind: 'source' | 'tier' | 'replay' | 'dead-letter';
  /** The topics whose records it holds; of a source itself. */
  readonly sources: readonly string[];
  /** Of a tier, ms. */
  readonly wait: number;
  readonly partitions: number;
  readonly description: TopicDescription;
}

/** Whether the group reads it. */
export function isRead({ kind }: ExaminedTopic): boolean {
  return kind !== 'dead-letter';
}
