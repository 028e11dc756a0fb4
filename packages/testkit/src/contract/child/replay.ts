import type { Velo } from '@velo/engine';
import type { ChildTask } from './protocol.js';
import { tell } from './tell.js';

export async function replay(
  velo: Velo,
  { config, perSecond }: Extract<ChildTask, { kind: 'replay' }>,
): Promise<void> {
  const { replayed } = await velo.deadLetters(config).replay({
    perSecond,
    onProgress: (progress) => tell({ type: 'replaying', replayed: progress.replayed }),
  });
  tell({ type: 'replayed', replayed });
  await velo.close();
}
