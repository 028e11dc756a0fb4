import { until } from '../wait.js';

/** ms. Records that wait in the last tier do so for less; a failover ends sooner. */
const STANDSTILL = 60_000;
/** ms. Each look starts a reader of its own where there are transactions. */
const DRAIN_POLL = 1_000;

/**
 * Resolves when nothing is left to commit, however long that takes: after the last fault there may be thousands of records that
 * a circuit breaker lets go on one by one. Rejects when nothing has changed for a minute.
 *
 * @param lag how many records are left
 */
export async function untilDrained(
  lag: () => Promise<number>,
  signal: AbortSignal,
  { limit = STANDSTILL, poll = DRAIN_POLL } = {},
): Promise<void> {
  for (let last = Number.POSITIVE_INFINITY; last !== 0; ) {
    const look = async () => {
      const left = await lag();
      return left !== last && { left };
    };
    const what = `all is committed, or a record more of the ${last} that are left`;
    ({ left: last } = await until(look, what, { limit, poll, signal }));
  }
}
