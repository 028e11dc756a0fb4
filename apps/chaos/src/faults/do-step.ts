import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../plan/faults.js';
import { doBrokerFault } from './broker-faults.js';
import { doMemberFault } from './member-faults.js';
import { doOutage } from './outage.js';
import { remakeTopic } from './remake-topic.js';
import { resetOffsets } from './reset-offsets.js';
import { rollOut } from './roll-out.js';
import type { Stage } from './stage.js';

/** Does all of a step, side by side. @returns when all is undone that can be */
export async function doStep(stage: Stage, { main, members, recreations }: Step): Promise<void> {
  await Promise.all([
    doMain(stage, main, members.length),
    ...members.map((fault) => doMemberFault(stage, fault)),
    ...recreations.map((recreation) => remakeTopic(stage, recreation)),
  ]);
}

function doMain(stage: Stage, main: Step['main'], memberFaults: number): Promise<void> {
  switch (main.kind) {
    case 'broker kill':
    case 'network':
      return doBrokerFault(stage, main, memberFaults);
    case 'outage':
      return doOutage(stage, main.length);
    case 'reset':
      return resetOffsets(stage, main);
    case 'deploy':
      return rollOut(stage);
    case 'calm':
      return sleep(main.length, undefined, { signal: stage.signal });
  }
}
