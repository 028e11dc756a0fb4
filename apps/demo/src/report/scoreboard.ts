import type { FilmEvents, FilmFailure, FilmHandOff, FilmSuccess } from '../films/film-events.js';
import { whatFailed } from './error-text.js';
import { Histogram } from './histogram.js';
import type { Timeline } from './timeline.js';

/** Failures that were met, of one category and one kind. */
export interface FailureCounts {
  readonly category: string;
  readonly what: string;
  /** Followed by a retry in place. */
  inPlace: number;
  /** Followed by a hand-off to a tier. */
  handedOff: number;
  /** Followed by a dead letter. */
  deadLettered: number;
}

/** The numbers of a run while it goes on, out of velo's events: for the progress and for the summary. */
export class Scoreboard implements FilmEvents {
  produced = 0;
  /** Attempts that failed and are followed by another one. */
  failedAttempts = 0;
  /** Films that are handled or dead-lettered. */
  readonly settled = new Set<string>();
  handled = 0;
  deadLettered = 0;
  /** Handled films by the tier that they succeeded in; 0 is the source topic. */
  readonly handledByTier = new Histogram();
  /** Handled films by their attempts in all topics. */
  readonly attempts = new Histogram();
  /** Milliseconds that tiers' records started late, by tier. */
  readonly lateness = new Map<number, Histogram>();
  /** Films that each tier took in. */
  readonly handOffs = new Map<number, number>();
  readonly failures = new Map<string, FailureCounts>();
  private readonly inTiers = new Set<string>();
  private wake: (() => void) | undefined;

  constructor(
    private readonly timeline: Timeline,
    private readonly total: number,
  ) {}

  /** Films that wait in a tier now. */
  get waiting(): number {
    return this.inTiers.size;
  }

  sent(films: number): void {
    this.produced += films;
    this.timeline.count('produced', films);
  }

  success(film: string, { tier, totalAttempts }: FilmSuccess): void {
    this.timeline.count('handled');
    if (!this.settle(film)) return;
    this.handled++;
    this.handledByTier.add(tier);
    this.attempts.add(totalAttempts);
  }

  retry(_film: string, failure: FilmFailure): void {
    this.timeline.count('retried');
    this.failedAttempts++;
    this.failuresOf(failure).inPlace++;
  }

  handOff(film: string, failure: FilmHandOff): void {
    const { nextTier } = failure;
    this.timeline.count('retried');
    this.failedAttempts++;
    this.failuresOf(failure).handedOff++;
    this.handOffs.set(nextTier, (this.handOffs.get(nextTier) ?? 0) + 1);
    if (!this.settled.has(film)) this.inTiers.add(film);
  }

  deadLetter(film: string, failure: FilmFailure): void {
    this.timeline.count('deadLettered');
    this.failuresOf(failure).deadLettered++;
    if (this.settle(film)) this.deadLettered++;
  }

  late(tier: number, lateness: number): void {
    const histogram = this.lateness.get(tier) ?? new Histogram();
    histogram.add(lateness);
    this.lateness.set(tier, histogram);
  }

  /** Resolves when every film of the input is settled. */
  async allSettled(): Promise<void> {
    if (this.settled.size >= this.total) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }

  /** @returns whether it is the first time */
  private settle(film: string): boolean {
    if (this.settled.has(film)) return false;
    this.settled.add(film);
    this.inTiers.delete(film);
    if (this.settled.size >= this.total) this.wake?.();
    return true;
  }

  private failuresOf({ category, error }: FilmFailure): FailureCounts {
    const what = whatFailed(error);
    const key = `${category}: ${what}`;
    const counts = this.failures.get(key) ?? { category, what, inPlace: 0, handedOff: 0, deadLettered: 0 };
    this.failures.set(key, counts);
    return counts;
  }
}
