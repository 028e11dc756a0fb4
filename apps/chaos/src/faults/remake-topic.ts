import { setTimeout as sleep } from 'node:timers/promises';
import { readBack } from '../check/read-back.js';
import type { Recreation } from '../plan/faults.js';
import { PARCELS, SOURCES, type Source } from '../plan/topics.js';
import type { Stage } from './stage.js';

/** Of a topic that is made wider. */
const MORE_PARTITIONS = 2;

/**
 * By partition, what was committed of this very log. An offset beyond its end is of the log before, which was deleted
 * so shortly ago that no member has looked at the new one: nothing of it was handled.
 */
export function withinLog(
  committed: ReadonlyMap<number, number>,
  ends: ReadonlyMap<number, number>,
): Map<number, number> {
  return new Map([...committed].filter(([partition, offset]) => offset <= (ends.get(partition) ?? 0)));
}

/** Deletes the parcels under members and producer, and makes the topic again. */
export async function remakeTopic(stage: Stage, { delay, wider }: Recreation): Promise<void> {
  const { observer, administrator, timeline, signal } = stage;
  await sleep(delay, undefined, { signal });
  const source = SOURCES.find(({ topic }) => topic === PARCELS) as Source;
  const offsets = await observer.committed(PARCELS);
  const ends = await observer.ends(PARCELS);
  const committed = withinLog(offsets, ends);
  const records = await readBack(observer.connection, (topic) => observer.ends(topic), [PARCELS]);
  const partitions = ends.size + (wider ? MORE_PARTITIONS : 0);
  timeline.add(`${PARCELS} is deleted`);
  const { at, back } = await administrator.remake(source, partitions);
  timeline.add(`${PARCELS} is made again, with ${partitions} partitions`);
  timeline.remade.push({ topic: PARCELS, at, back, records, committed });
}
