import type { Counter, Histogram, Meter } from '@opentelemetry/api';
import * as names from './conventions.js';
import { type Durations, PROCESS_DURATION_DESCRIPTION } from './duration-counts.js';

/** What is measured, by name. */
export interface Instruments {
  readonly operationDuration: Histogram;
  readonly sent: Counter;
  readonly consumed: Counter;
  readonly copies: Counter;
  readonly deadLetters: Counter;
  readonly skipped: Counter;
  readonly refused: Counter;
  readonly waits: Histogram;
  readonly lateness: Histogram;
  readonly holds: Counter;
  readonly restarts: Counter;
  readonly deaths: Counter;
}

/** Waits and lateness, s: from a retry in place to a tier of days. */
const WAIT_BUCKETS = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400];

/** `messaging.process.duration` by the SDK. */
export function durationsOf(meter: Meter): Durations {
  const histogram = durationHistogram(meter, names.PROCESS_DURATION, PROCESS_DURATION_DESCRIPTION);
  return {
    record: (seconds, attributes, errorType) =>
      histogram.record(
        seconds,
        errorType === undefined ? attributes : { ...attributes, [names.ERROR_TYPE]: errorType },
      ),
  };
}

function durationHistogram(meter: Meter, name: string, description: string): Histogram {
  return meter.createHistogram(name, {
    description,
    unit: 's',
    advice: { explicitBucketBoundaries: names.BUCKETS },
  });
}

export function createInstruments(meter: Meter): Instruments {
  const wait = (name: string, description: string) =>
    meter.createHistogram(name, {
      description,
      unit: 's',
      advice: { explicitBucketBoundaries: WAIT_BUCKETS },
    });
  const counter = (name: string, unit: string, description: string) =>
    meter.createCounter(name, { unit, description });
  return {
    operationDuration: durationHistogram(
      meter,
      names.OPERATION_DURATION,
      'Duration of messaging operation initiated by a producer or consumer client.',
    ),
    sent: counter(
      names.SENT_MESSAGES,
      '{message}',
      'Number of messages producer attempted to send to the broker.',
    ),
    consumed: counter(
      names.CONSUMED_MESSAGES,
      '{message}',
      'Number of messages that were delivered to the application.',
    ),
    copies: counter('velo.copies', '{record}', 'Copies that were written to tiers, dead letters, replays.'),
    deadLetters: counter('velo.dead_letters', '{record}', 'Records that were dead-lettered.'),
    skipped: counter('velo.skipped', '{record}', 'Records that were given up without a copy.'),
    refused: counter('velo.copies.refused', '{record}', 'Copies that the brokers will never take.'),
    waits: wait('velo.retry.wait', 'How long a retry was told to wait, in place or in a tier.'),
    lateness: wait('velo.tier.lateness', 'How late the record of a tier began after it was due.'),
    holds: counter('velo.holds', '{hold}', 'How often a source was held.'),
    restarts: counter('velo.consumer.restarts', '{restart}', "How often the client's consumer was replaced."),
    deaths: counter('velo.consumer.deaths', '{consumer}', 'Consumers that have given up.'),
  };
}
