import { setTimeout as sleep } from 'node:timers/promises';
import type { Velo } from '@velo/engine';
import { collectGarbage } from './collect-garbage.js';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

/** ms between two looks. */
const LOOK_EVERY = 100;
/** ms. What has come by then is all that comes. */
const PAUSE_LIMIT = 15_000;
const FLAKY = Buffer.from('flaky');

export async function weigh(
  velo: Velo,
  { consumer, untilPaused, together, handled: wanted }: Extract<ChildTask, { kind: 'weigh' }>,
): Promise<void> {
  const { topic, tiers = [], ...rest } = consumer;
  const begun = new Set<string>();
  let all = () => {};
  const haveBegun = new Promise<void>((resolve) => {
    all = resolve;
  });
  const pausing = new AbortController();
  let isPaused: Promise<void> | undefined;
  let handled = 0;
  const running = velo.consumer({
    ...rest,
    topics: [topic],
    retry: { inPlace: { maxAttempts: 1 }, tiers },
    // Without its value in a variable: that would hold the whole answer, whatever the record holds by then.
    handler: async (record, { tier }) => {
      if (tier === 0 && record.value?.subarray(0, FLAKY.length).equals(FLAKY)) throw new Error('flaky');
      if (begun.add(`${record.topic} ${record.partition}`).size >= together) all();
      await haveBegun;
      if (untilPaused) isPaused ??= sleep(PAUSE_LIMIT, undefined, { signal: pausing.signal }).catch(() => {});
      await isPaused;
      handled++;
    },
  });
  const before = weights();
  const most = { ...before };
  let paused = false;
  await running.start();
  while (handled < wanted) {
    await sleep(LOOK_EVERY);
    const now = weights();
    most.kept = Math.max(most.kept, now.kept);
    most.resident = Math.max(most.resident, now.resident);
    paused ||= running.health().partitions.some((one) => one.paused);
    if (paused) pausing.abort();
  }
  const kept = most.kept - before.kept;
  const resident = most.resident - before.resident;
  tell({ type: 'weighed', kept, resident, paused });
  await velo.close();
}

/** In bytes. `external` has the buffers. */
function weights(): { kept: number; resident: number } {
  collectGarbage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { kept: heapUsed + external, resident: rss };
}
