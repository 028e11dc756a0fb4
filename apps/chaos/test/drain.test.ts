import { describe, expect, it } from 'vitest';
import { untilDrained } from '../src/cluster/drain.js';

const soon = { limit: 50, poll: 1 };
const never = new AbortController().signal;

describe('a drain', () => {
  it('goes on for as long as something changes, also where copies make more of it', async () => {
    let left = 100;
    let looks = 0;
    const lag = async () => {
      if (++looks % 3 === 0) left += looks === 30 ? 5 : -5;
      return Math.max(0, left);
    };
    await untilDrained(lag, never, { limit: 1_000, poll: 1 });
    expect(left).toBe(0);
    expect(looks).toBe(3 * 22);
  });

  it('ends where nothing changes any more, and says how much is left', async () => {
    await expect(untilDrained(async () => 7, never, soon)).rejects.toThrow(/of the 7 that are left/);
  });

  it('ends with the run', async () => {
    const run = new AbortController();
    const draining = untilDrained(async () => Math.random(), run.signal, soon);
    run.abort(new Error('the run is over'));
    await expect(draining).rejects.toThrow();
  });
});
