import { setTimeout as sleep } from 'node:timers/promises';
import type { ResetPartition } from '../check/interventions.js';
import type { MainFault } from '../plan/faults.js';
import { CONSUMED, ORDERS, topicAt } from '../plan/topics.js';
import type { Stage } from './stage.js';

type ResetFault = Extract<MainFault, { kind: 'reset' }>;

/** Beyond the end of a log by so much that records which come meanwhile do not reach it. */
const BEYOND = 100_000;
/** ms */
const SETTLE = 4_000;

/** Sets or deletes the group's offsets while it has no member; then its members go on, or others come. */
export async function resetOffsets(stage: Stage, { reset, members }: ResetFault): Promise<void> {
  const { administrator, crew, timeline, signal } = stage;
  const whole = crew.present;
  if (members === 'frozen') for (const member of whole) crew.freeze(member);
  else await Promise.all(whole.map((member) => crew.kill(member)));
  timeline.add(`all members are ${members}; the group empties`);
  await administrator.emptied();
  const partitions = reset === 'deleted' ? await deleteAll(stage) : await moveSome(stage);
  const at = timeline.add(`the group’s offsets are ${reset}`);
  timeline.resets.push({ at, partitions });
  if (members === 'frozen') for (const member of whole) crew.thaw(member);
  else for (const { version } of whole) crew.start(version);
  timeline.add(members === 'frozen' ? 'all members go on' : 'new members come');
  await crew.joined(signal, at);
  await sleep(SETTLE, undefined, { signal });
}

async function deleteAll({ administrator, observer }: Stage): Promise<Map<string, ResetPartition>> {
  const existing = new Set(await observer.topics());
  const partitions = new Map<string, ResetPartition>();
  for (const topic of CONSUMED.filter((name) => existing.has(name))) {
    for (const partition of (await observer.ends(topic)).keys())
      partitions.set(`${topic} ${partition}`, { from: 0, wanted: true });
  }
  await administrator.deleteGroup();
  return partitions;
}

/** Of the orders and their first tier, every other partition goes back to the half, the others beyond the end. */
async function moveSome({ administrator, observer }: Stage): Promise<Map<string, ResetPartition>> {
  const partitions = new Map<string, ResetPartition>();
  for (const topic of [ORDERS, topicAt(ORDERS, 1)]) {
    const [committed, ends] = [await observer.committed(topic), await observer.ends(topic)];
    const offsets = new Map<number, number>();
    for (const [partition, end] of ends) {
      const back = Math.floor(Math.max(0, committed.get(partition) ?? 0) / 2);
      const isBack = partition % 2 === 0;
      offsets.set(partition, isBack ? back : end + BEYOND);
      partitions.set(`${topic} ${partition}`, { from: isBack ? back : 0, wanted: isBack });
    }
    await administrator.setOffsets(topic, offsets);
  }
  return partitions;
}
