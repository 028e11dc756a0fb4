import { setTimeout as sleep } from 'node:timers/promises';
import type { Member } from '../crew.js';
import { CLOCK_BACK, CLOCK_FORWARD } from '../member/settings.js';
import type { MemberFault } from '../plan/faults.js';
import { until } from '../wait.js';
import type { Stage } from './stage.js';

/** ms. An orchestrator starts a new process about so long after a crash. */
const REPLACED_AFTER = 500;
/** ms. The session is over after 6 s, and others have its partitions soon after. */
const FROZEN = 9_000;
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
  const member = await memberFor(stage, fault);
  const { name } = member;
  switch (fault.kind) {
    case 'leave':
      timeline.add(`${name} leaves`);
      return crew.leave(member);
    case 'freeze':
      timeline.add(`${name} is frozen for ${FROZEN / 1_000} s`);
      crew.freeze(member);
      await sleep(FROZEN, undefined, { signal });
      crew.thaw(member);
      timeline.add(`${name} goes on`);
      return;
    case 'clock back':
    case 'clock forward':
      timeline.add(
        `the ${fault.kind === 'clock back' ? 'clock steps back' : 'clock steps forward'} at ${name}`,
      );
      member.child.kill(fault.kind === 'clock back' ? CLOCK_BACK : CLOCK_FORWARD);
      return;
    case 'kill':
      timeline.add(`kill -9 of ${name}`);
      await crew.kill(member);
      break;
    case 'kill at hand-off':
      timeline.add(
        (await crew.killAtHandOff(member))
          ? `kill -9 of ${name}, by itself, between publish and commit`
          : `kill -9 of ${name}, which had no hand-off to die at`,
      );
  }
  await sleep(REPLACED_AFTER, undefined, { signal });
  timeline.add(`${crew.start(member.version).name} comes in place of ${name}`);
}

/** One that has joined; the last of the new version does not leave: nobody else reads all topics. */
async function memberFor({ crew, signal }: Stage, { kind, which }: MemberFault): Promise<Member> {
  const find = () => {
    const fresh = crew.settled.filter(({ version }) => version === crew.version);
    const isKept = (member: Member) => kind === 'leave' && fresh.length === 1 && member === fresh[0];
    const settled = crew.settled.filter((member) => !isKept(member));
    return settled[Math.floor(which * settled.length)];
  };
  return await until(find, 'a member has joined', { limit: JOIN_LIMIT, signal });
}
