/** A member of the group, in a process of its own. Started by the crew with one argument: its `MemberSettings`. */
import { Socket } from 'node:net';
import { createVeloOn } from '@velo/engine';
import { consumerSettings, openClient } from './clients.js';
import { historyWriter } from './history/writer.js';
import { consumeUntilStopped } from './member/consume.js';
import { recordedBinding, type Turn } from './member/recorded-binding.js';
import type { MemberSettings } from './member/settings.js';
import { Service } from './service.js';

/** ms */
const STILL_ALIVE_AFTER = 3_000;

const settings: MemberSettings = JSON.parse(process.argv[2] ?? '');
const write = historyWriter(settings.history);
const turn: Turn = { current: 0 };
const open = await openClient(settings.client, settings.brokers);
const note = (text: string) => write({ kind: 'note', text });
const velo = createVeloOn(() => recordedBinding(open(), write, turn), {
  logger: { info: note, warn: note, error: note },
});
process.exitCode = await consumeUntilStopped(velo, {
  write,
  turn,
  handOff: settings.handOff,
  concurrency: settings.concurrency,
  keepKeyOrder: settings.keepKeyOrder,
  breaker: settings.breaker,
  service: new Service(settings.folder),
  seed: settings.seed,
  version: settings.version,
  client: consumerSettings(settings.client),
});

// Nothing is left that keeps the process alive; if something is, the history says what.
setTimeout(() => note(`still alive, because of ${remains()}`), STILL_ALIVE_AFTER).unref();

function remains(): string {
  const handles = (process as unknown as { _getActiveHandles(): object[] })._getActiveHandles();
  const sockets = handles.map((handle) =>
    handle instanceof Socket ? `socket to ${handle.remotePort ?? 'nowhere'}` : handle.constructor.name,
  );
  return [...sockets, ...process.getActiveResourcesInfo()].join(', ');
}
