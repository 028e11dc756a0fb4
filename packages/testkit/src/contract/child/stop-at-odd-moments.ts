import { setTimeout as sleep } from 'node:timers/promises';
import type { Velo } from '@velo/engine';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

export async function stopAtOddMoments(
  velo: Velo,
  { consumer, after }: Extract<ChildTask, { kind: 'stop' }>,
): Promise<void> {
  const { topic, tiers = [], ...rest } = consumer;
  for (const ms of after) {
    const running = velo.consumer({
      ...rest,
      topics: [topic],
      retry: { inPlace: { maxAttempts: 1 }, tiers },
      // Fails, so that copies are on their way and waiting in a tier
      handler: async (record) => {
        tell({ type: 'attempt', topic: record.topic, text: record.value?.toString() ?? null });
        throw new Error('later');
      },
    });
    const starting = running.start().catch(() => {});
    if (ms > 0) await sleep(ms);
    await running.stop({ timeout: 500 });
    await starting;
  }
  // A producer and the topic calls have connections too
  const producer = velo.producer();
  await producer.send({ topic, messages: [{ value: 'last' }] });
  await velo.waitForTopic(topic);
  await velo.close();
  tell({ type: 'closed', at: Date.now() });
}
