/** Nanoseconds for one call. */
export interface Timing {
  /** The median block. */
  readonly median: number;
  /** The 99th percentile of the blocks. */
  readonly p99: number;
}

/** Of several rounds the best: what disturbs a round only makes it slower. */
export function bestOf(rounds: readonly Timing[]): Timing {
  return rounds.reduce((best, round) => (round.median < best.median ? round : best));
}

/** Without the loop around it; never below a tenth of a nanosecond, so that ratios stay sane. */
export function netOf(timing: Timing, loop: number): number {
  return Math.max(timing.median - loop, 0.1);
}
