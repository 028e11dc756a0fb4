/** What a counting worker is told. */
export interface CountingTask {
  readonly kind: 'shared' | 'atomic';
  readonly buffer: SharedArrayBuffer;
  readonly events: number;
  /** One int32: 1 opens it. */
  readonly gate: SharedArrayBuffer;
}
