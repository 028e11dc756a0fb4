import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../crew.js';
import type { MemberFault } from '../plan/fault-plan.js';
import { until } from '../wait.js';
import type { Stage } from './stage.js';

/** ms. An orchestrator starts a new process about so long after a crash. */
const REPLACED_AFTER = 500;
/** ms */
const JOIN_LIMIT = 60_000;

/** Does a fault to a member when its time has come. */
export async function doMemberFault(stage: Stage, fault: MemberFault): Promise<void> {
  const { crew, timeline, signal } = stage;
  await sleep(fault.delay, undefined, { signal });
  if (fault.kind === 'join') {
    timeline.add(`${crew.start().name} comes`);
    return;
  }
  const settled = await until(() => crew.settled.length > 0 && crew.settled, 'a member has joined', {
    limit: JOIN_LIMIT,
    signal,
  });
  const member = settled[Math.floor(fault.which * settled.length)] as Member;
  if (fault.kind === 'leave') {
    timeline.add(`${member.name} leaves`);
    await crew.leave(member);
    return;
  }
  if (fault.kind === 'kill') {
    timeline.add(`kill -9 of ${member.name}`);
    await crew.kill(member);
  } else {
    const between = await crew.killAtHandOff(member);
    timeline.add(
      between
        ? `kill -9 of ${member.name}, by itself, between publish and commit`
        : `kill -9 of ${member.name}, which had no hand-off to die at`,
    );
  }
  await sleep(REPLACED_AFTER, undefined, { signal });
  timeline.add(`${crew.start().name} comes in place of ${member.name}`);
}
