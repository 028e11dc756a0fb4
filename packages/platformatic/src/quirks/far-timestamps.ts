// Shown by test/far-timestamps.test.ts.
import { systemClock } from '@velo/retry-core';
import type { PlatformaticMessage } from '../api.js';

/** ms, about 12 days. */
const FAR = 2 ** 30;

/**
 * Messages of one batch in runs, each of which can be written. A record's time is written as what it is later than the
 * first one of its batch, and the client keeps 32 bits of that: a record 25 days younger or older gets another time.
 */
export function runsOf(messages: readonly PlatformaticMessage[]): PlatformaticMessage[][] {
  const runs: PlatformaticMessage[][] = [];
  const now = BigInt(systemClock.wallTime());
  let first = now;
  for (const message of messages) {
    // Those without a time get that of the send.
    message.timestamp ??= now;
    const run = runs.at(-1);
    const apart = Math.abs(Number(message.timestamp - first));
    if (run === undefined || apart >= FAR) {
      first = message.timestamp;
      runs.push([message]);
    } else run.push(message);
  }
  return runs;
}
