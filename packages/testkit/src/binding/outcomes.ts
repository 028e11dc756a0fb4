import type { PublishOutcome } from '@velo/engine';
import { classifyKafkaError } from '@velo/retry-core';

export function written(outcome: PublishOutcome | undefined): boolean | undefined {
  return outcome?.written;
}

/** The error's code for each record; 0 where it was written. */
export function codes(outcomes: readonly PublishOutcome[]): unknown[] {
  return outcomes.map((outcome) => (outcome.written ? 0 : (outcome.error as { code?: unknown }).code));
}

/** What the core makes of each error, whatever code the client has for it; undefined where the record was written. */
export function categories(outcomes: readonly PublishOutcome[]): (string | undefined)[] {
  return outcomes.map((outcome) =>
    outcome.written ? undefined : classifyKafkaError(outcome.error).category,
  );
}
