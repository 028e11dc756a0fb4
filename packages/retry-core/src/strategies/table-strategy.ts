import type { RetryOutcome, RetryStrategy } from './strategy.js';

/** Retries whose delay is computed ahead; later ones use the formula. */
const TABLE_SIZE = 32;

/** The longest delay that the table's whole numbers hold, in milliseconds (24.8 days). */
const LONGEST_IN_TABLE = 2 ** 31 - 1;

const NO_TABLE = /* @__PURE__ */ new Int32Array(0);

type Delay = RetryStrategy['delay'];

/**
 * Every strategy of velo is an object of this class, so that a call site sees one hidden class and one `delay`:
 * a look-up in a table of whole milliseconds, under 2 ns and without an allocation (apps/bench).
 */
export class TableStrategy implements RetryStrategy {
  constructor(
    readonly kind: string,
    private readonly table: Int32Array,
    /** For an index that the table lacks. */
    private readonly compute: Delay,
    readonly observe: ((outcome: RetryOutcome) => void) | undefined,
  ) {}

  delay(retryIndex: number, previousDelay?: number): number {
    const { table } = this;
    // A fraction or NaN is no index of the table either.
    return (
      (retryIndex < table.length ? table[retryIndex] : undefined) ?? this.compute(retryIndex, previousDelay)
    );
  }
}

/** A strategy that computes each delay. */
export function computed(kind: string, compute: Delay, observe?: RetryStrategy['observe']): RetryStrategy {
  return new TableStrategy(kind, NO_TABLE, compute, observe);
}

/**
 * A strategy of a formula that never falls with the index: rounded to whole milliseconds, never beyond `max`,
 * an index below 0 or NaN counting as 0, one beyond 2^53 as that.
 *
 * @param max milliseconds
 */
export function tabulated(kind: string, max: number, formula: (retryIndex: number) => number): RetryStrategy {
  const most = Math.floor(max);
  const compute = (retryIndex: number): number =>
    Math.min(
      // Infinity times 0, and 1 to the power of Infinity, are NaN.
      Math.round(formula(Math.floor(Math.min(Math.max(retryIndex, 0) || 0, Number.MAX_SAFE_INTEGER)))),
      most,
    );
  if (most > LONGEST_IN_TABLE) return computed(kind, compute);
  const table = new Int32Array(TABLE_SIZE);
  for (let index = 0; index < TABLE_SIZE; index++) table[index] = compute(index);
  return new TableStrategy(kind, table, compute, undefined);
}
