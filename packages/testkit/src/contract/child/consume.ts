import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Velo } from '@velo/engine';
import { PermanentError } from '@velo/retry-core';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

export async function consume(
  velo: Velo,
  { consumer, handlerTime, closeOn }: Extract<ChildTask, { kind: 'consume' }>,
): Promise<void> {
  if (closeOn !== undefined) {
    const { signals, ...limits } = closeOn;
    velo.closeOn(signals, limits);
  }
  const { topic, tiers = [], ...rest } = consumer;
  const running = velo.consumer({
    ...rest,
    topics: [topic],
    commitInterval: 50,
    retry: { inPlace: { maxAttempts: 1 }, tiers },
    // Scenarios count dead letters by the thousand.
    flow: { guard: false },
    handler: async (record, { tier, signal }) => {
      const text = record.value?.toString() ?? null;
      tell({ type: 'attempt', topic: record.topic, text });
      if (handlerTime === 'never' || text?.startsWith('stuck')) await new Promise(() => {});
      else if (text?.startsWith('heeds')) {
        await once(signal, 'abort');
        tell({ type: 'aborted', text });
        throw signal.reason;
      } else if (handlerTime > 0) await sleep(handlerTime);
      if (text?.startsWith('bad')) throw new PermanentError('bad');
      if (text?.startsWith('flaky') && tier === 0) throw new Error('flaky');
      tell({ type: 'handled', topic: record.topic, text });
    },
  });
  await running.start();
  tell({ type: 'started' });
}
