import { checkNumber } from '../check-number.js';
import type { ErrorCategory } from '../error-category.js';
import { VeloError } from '../velo-error.js';
import type { RetryCounters, RetryMetricsSnapshot } from './metrics.js';
import {
  ATTEMPTS,
  AUTHENTICATION_ISSUE,
  CONFIGURATION_ISSUE,
  COUNTS,
  NETWORK_ISSUE,
  SUCCESSES,
  snapshotOf,
  TIMEOUTS,
  TOPIC_MISSING,
  UNKNOWN,
} from './snapshot.js';

export interface SharedRetryMetricsOptions {
  /** Worker threads that count at the same time, 1 to 4,096; the thread that makes this object is not one of them. */
  readonly workers: number;
}

/**
 * Numbers between the beginnings of two stripes: 128 bytes, of which the first 64 are used, so that no cache line
 * (64 bytes; fetched in pairs by some processors) has two writers, however the buffer is aligned.
 */
const STRIDE = 16;

/** The first stripe holds the counts at the last reset, the second is the maker's, then one for each worker. */
const BASELINE = 0;
const MAKER = 1;

/**
 * Counts of attempts across worker threads, over one SharedArrayBuffer: a stripe for each thread, written by that
 * thread alone, so that counting needs no atomic operation (3 ns against 16, apps/bench), and summed by `snapshot`.
 *
 * The main thread makes one and hands `buffer` to its workers (`workerData`); each calls `SharedRetryMetrics.attach`,
 * and `release` when it leaves. The next worker takes the stripe over and counts on from what stands there, so that
 * nothing is lost. A snapshot taken while others count may miss their last events; they are in a later one.
 *
 * Layout: stripes of 16 float64 (see above), then one int32 for each stripe, 1 if it is taken.
 */
export class SharedRetryMetrics implements RetryCounters {
  readonly buffer: SharedArrayBuffer;
  private readonly counts: Float64Array;
  private readonly taken: Int32Array;
  /** Where this thread's stripe begins. */
  private own: number;

  /**
   * @throws {VeloError} `VELO_INVALID_OPTION` for a bad number of workers, `VELO_NOT_SUPPORTED` where there is no
   *   SharedArrayBuffer (a browser page without cross-origin isolation)
   * @param buffer made elsewhere; `attach` checks it
   */
  constructor({ workers }: SharedRetryMetricsOptions, buffer?: SharedArrayBuffer) {
    const stripes = checkNumber(workers, 'workers', 1, 4_096, true) + 2;
    if (typeof SharedArrayBuffer === 'undefined') {
      throw new VeloError(
        'VELO_NOT_SUPPORTED',
        'SharedRetryMetrics needs SharedArrayBuffer, which this page or runtime does not have. Nothing was counted. Use RetryMetrics in each thread.',
      );
    }
    this.buffer = buffer ?? new SharedArrayBuffer(bytesFor(stripes));
    this.counts = new Float64Array(this.buffer, 0, stripes * STRIDE);
    this.taken = new Int32Array(this.buffer, stripes * STRIDE * 8, stripes);
    this.own = (buffer ? this.claim() : MAKER) * STRIDE;
  }

  /**
   * In a worker: counts into a free stripe of a buffer made elsewhere, until `release`.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` if it is no such buffer, or more workers count than it was made for
   */
  static attach(buffer: SharedArrayBuffer): SharedRetryMetrics {
    const shared = Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
    const stripes = shared ? buffer.byteLength / bytesFor(1) : 0;
    if (!(stripes > 2 && Number.isInteger(stripes))) {
      throw new VeloError(
        'VELO_INVALID_OPTION',
        'The buffer is not the one of a SharedRetryMetrics, so nothing can be counted in it. Pass the `buffer` of the one that the main thread has made.',
      );
    }
    return new SharedRetryMetrics({ workers: stripes - 2 }, buffer);
  }

  /** The number of this thread's stripe, for `reclaim`. */
  get stripe(): number {
    return this.own / STRIDE;
  }

  recordAttempt(): void {
    this.add(ATTEMPTS);
  }

  recordAttemptWithSuccess(): void {
    this.add(ATTEMPTS);
    this.add(SUCCESSES);
  }

  recordAttemptWithError(category: ErrorCategory): void {
    this.add(ATTEMPTS);
    switch (category) {
      case 'TopicMissing':
        this.add(TOPIC_MISSING);
        break;
      case 'NetworkIssue':
        this.add(NETWORK_ISSUE);
        break;
      case 'AuthenticationIssue':
        this.add(AUTHENTICATION_ISSUE);
        break;
      case 'ConfigurationIssue':
        this.add(CONFIGURATION_ISSUE);
        break;
      default:
        this.add(UNKNOWN);
    }
  }

  recordAttemptWithTimeout(): void {
    this.add(ATTEMPTS);
    this.add(TIMEOUTS);
  }

  get attemptsEver(): number {
    return this.total(ATTEMPTS);
  }

  /** The sum of all threads since the last reset. */
  snapshot(): RetryMetricsSnapshot {
    const { counts } = this;
    return snapshotOf(
      Array.from({ length: COUNTS }, (_, index) => this.total(index) - (counts[BASELINE + index] as number)),
    );
  }

  /** For all threads. What others count meanwhile is not lost: it is before the reset or after it. */
  reset(): void {
    for (let index = 0; index < COUNTS; index++) this.counts[BASELINE + index] = this.total(index);
  }

  /** In a worker that leaves: its counts stay, its stripe is free for another. What it counts afterwards is lost. */
  release(): void {
    this.reclaim(this.stripe);
    this.own = BASELINE * STRIDE + COUNTS; // the unused half: another may write the stripe from now on
  }

  /** Frees the stripe of a worker that ended without `release`; only once it has ended. */
  reclaim(stripe: number): void {
    if (stripe > MAKER) Atomics.store(this.taken, stripe, 0);
  }

  private claim(): number {
    for (let stripe = MAKER + 1; stripe < this.taken.length; stripe++) {
      if (Atomics.compareExchange(this.taken, stripe, 0, 1) === 0) return stripe;
    }
    throw new VeloError(
      'VELO_INVALID_OPTION',
      `All ${this.taken.length - 2} workers of SharedRetryMetrics are attached, so this one cannot count. What the others count stays right, and lacks this one's. Make it with more workers, or release() those that end.`,
    );
  }

  private add(index: number): void {
    (this.counts[this.own + index] as number)++;
  }

  private total(index: number): number {
    let sum = 0;
    for (let at = MAKER * STRIDE + index; at < this.counts.length; at += STRIDE)
      sum += this.counts[at] as number;
    return sum;
  }
}

function bytesFor(stripes: number): number {
  return stripes * (STRIDE * 8 + 4);
}
