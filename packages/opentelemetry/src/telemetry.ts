import type { Attributes } from '@opentelemetry/api';
import type { GaugeReader } from '@velo/engine';
import type { AttemptCounts } from './attempt-counts.js';
import type { Durations } from './duration-counts.js';
import type { ErrorTypes } from './error-types.js';
import type { Instruments } from './instruments.js';
import type { Spans } from './spans.js';

/** What the consumers and producers that one observer watches have in common. */
export interface Telemetry {
  readonly spans: Spans;
  readonly instruments: Instruments;
  /** Of attempts. */
  readonly durations: Durations;
  readonly attempts: AttemptCounts;
  readonly gauges: GaugeReader<Attributes>;
  readonly errorTypes: ErrorTypes;
  /** Whether metrics tell partitions apart. */
  readonly partitions: boolean;
}
