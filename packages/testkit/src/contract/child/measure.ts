import { setTimeout as sleep } from 'node:timers/promises';
import type { Velo } from '@velo/engine';
import { collectGarbage } from './collect-garbage.js';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

/** Nothing more is fetched when the lanes' queues have not grown for so long, ms. */
const QUIET = 1_000;

export async function measure(
  velo: Velo,
  { consumer }: Extract<ChildTask, { kind: 'measure' }>,
): Promise<void> {
  const { topic, tiers = [], ...rest } = consumer;
  const running = velo.consumer({ ...rest, topics: [topic], retry: { tiers }, handler: () => {} });
  await running.start();
  const queued = () => running.health().partitions.reduce((sum, one) => sum + one.queued, 0);
  let last = -1;
  for (let since = Date.now(); Date.now() - since < QUIET; await sleep(50)) {
    if (last > 0 && queued() === last) continue;
    last = queued();
    since = Date.now();
  }
  for (let i = 0; i < 3; i++) {
    collectGarbage();
    await sleep(50);
  }
  tell({ type: 'memory', resident: process.memoryUsage.rss(), queued: last });
  await velo.close();
}
