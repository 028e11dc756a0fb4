import type { KafkaRecord } from '../binding/record.js';
import type { Failure } from '../failures/failure.js';
import type { HeldTopic } from '../observing/held.js';
import type { Trip } from './guard.js';

/** Told of what holds a source, and of what goes on again. */
export interface FlowNews {
  held(hold: HeldTopic): void;
  released(hold: HeldTopic): void;
  /** The guard has tripped at this record, which is held: what is held waits, or the consumer stops for it. */
  guarded(topic: string, trip: Trip, at: TrippedAt, then: 'pause' | 'stop'): void;
  /** The probe of the source's breaker says that it is not over. */
  probeFailed(topic: string, reason: string): void;
}

/** The record that was one too many. */
export interface TrippedAt {
  readonly record: KafkaRecord;
  readonly failure: Failure;
}
