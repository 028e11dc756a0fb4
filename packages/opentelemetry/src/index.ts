export type { OpenTelemetryOptions } from './open-telemetry.js';
export { openTelemetry } from './open-telemetry.js';
export type { ProducerRelation } from './spans.js';
export { uninstrumented } from './uninstrumented.js';
