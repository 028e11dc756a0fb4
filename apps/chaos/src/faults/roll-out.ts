import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../crew.js';
import type { Stage } from './stage.js';

/** ms. Then the assignment is that of both versions. */
const SETTLE = 2_000;

/** A new version is rolled out: one of its members comes, one of the old version leaves. It stops there. */
export async function rollOut({ crew, timeline, signal }: Stage): Promise<void> {
  crew.version = 'new';
  timeline.add(`${crew.start().name} comes, the first of the new version`);
  await crew.joined(signal);
  const old = crew.settled.find(({ version }) => version === 'old') as Member;
  timeline.add(`${old.name} leaves; the others of the old version stay`);
  await crew.leave(old);
  await sleep(SETTLE, undefined, { signal });
}
