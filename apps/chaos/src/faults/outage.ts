import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from './stage.js';

/** ms. Breakers close, and what was held is worked off. */
const SETTLE = 4_000;

/** The service that handlers call is away for so long, ms. */
export async function doOutage({ service, timeline, signal }: Stage, length: number): Promise<void> {
  const from = timeline.add(`the service is away for ${(length / 1_000).toFixed(1)} s`);
  try {
    service.leave();
    await sleep(length, undefined, { signal });
  } finally {
    await service.comeBack();
  }
  const to = timeline.add('the service is back');
  timeline.outages.push({ from, to });
  await sleep(SETTLE, undefined, { signal });
}
