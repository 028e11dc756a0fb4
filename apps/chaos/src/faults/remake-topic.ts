import { setTimeout as sleep } from 'node:timers/promises';
import { readBack } from '../check/read-back.js';
import type { Recreation } from '../plan/faults.js';
import { PARCELS, SOURCES, type Source } from '../plan/topics.js';
import type { Stage } from './stage.js';

/** Of a topic that is made wider. */
const MORE_PARTITIONS = 2;

/** Deletes the parcels under members and producer, and makes the topic again. */
export async function remakeTopic(stage: Stage, { delay, wider }: Recreation): Promise<void> {
  const { observer, administrator, timeline, signal } = stage;
  await sleep(delay, undefined, { signal });
  const source = SOURCES.find(({ topic }) => topic === PARCELS) as Source;
  const ends = await observer.ends(PARCELS);
  const committed = await observer.committed(PARCELS);
  const records = await readBack(observer.connection, (topic) => observer.ends(topic), [PARCELS]);
  const partitions = ends.size + (wider ? MORE_PARTITIONS : 0);
  timeline.add(`${PARCELS} is deleted`);
  const { at, back } = await administrator.remake(source, partitions);
  timeline.add(`${PARCELS} is made again, with ${partitions} partitions`);
  timeline.remade.push({ topic: PARCELS, at, back, records, committed });
}
