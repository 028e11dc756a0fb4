import { setTimeout as sleep } from 'node:timers/promises';
import type { Velo } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

export async function consume(
  velo: Velo,
  { consumer, handlerTime }: Extract<ChildTask, { kind: 'consume' }>,
): Promise<void> {
  const { topic, tiers = [], ...rest } = consumer;
  const running = velo.consumer({
    ...rest,
    topics: [topic],
    commitInterval: 50,
    retry: { inPlace: { maxAttempts: 1 }, tiers },
    // Scenarios count dead letters by the thousand.
    flow: { guard: false },
    handler: async (record, { tier }) => {
      const text = record.value?.toString() ?? null;
      tell({ type: 'trying', topic: record.topic, text });
      if (handlerTime === 'never' || text?.startsWith('stuck')) await new Promise(() => {});
      else if (handlerTime > 0) await sleep(handlerTime);
      if (text?.startsWith('bad')) throw new PermanentError('bad');
      if (text?.startsWith('flaky') && tier === 0) throw new Error('flaky');
      tell({ type: 'handled', topic: record.topic, text });
    },
  });
  await running.start();
  tell({ type: 'started' });
}
