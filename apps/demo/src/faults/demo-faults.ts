import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerFaults } from '../cluster/cluster.js';
import type { EnrichmentService } from '../films/enrichment-service.js';
import { formatMs } from '../format.js';
import type { Journal } from '../report/journal.js';
import type { Timeline } from '../report/timeline.js';
import type { Fault } from './fault-plan.js';
import type { Scenario } from './scenario.js';

/** Milliseconds between two changes of all leaders. */
const LEADER_CHANGE_INTERVAL = 250;

export interface FaultTargets {
  readonly scenario: Scenario;
  /** Absent on a real Kafka: its brokers are left alone. */
  readonly brokers: BrokerFaults | undefined;
  readonly service: EnrichmentService;
  readonly timeline: Timeline;
  readonly journal: Journal;
  readonly signal: AbortSignal;
}

/** The faults of the demo; each undoes itself. */
export function demoFaults(targets: FaultTargets): Fault[] {
  const { brokers, scenario } = targets;
  const { beginsAt } = scenario;
  const faults = [{ beginsAt: beginsAt.serviceDown, run: () => stopService(targets) }];
  if (brokers !== undefined) {
    faults.push({ beginsAt: beginsAt.brokerDown, run: () => stopBroker(targets, brokers) });
    faults.push({ beginsAt: beginsAt.leaderChanges, run: () => changeLeaders(targets, brokers) });
  }
  return faults;
}

async function stopBroker(targets: FaultTargets, brokers: BrokerFaults): Promise<void> {
  const { scenario, timeline, journal, signal } = targets;
  brokers.takeDown();
  const over = timeline.outage(`broker ${brokers.victim} down`);
  journal.fault(
    `broker ${brokers.victim}, which also leads the consumer group, is down, for ${formatMs(scenario.brokerDown)}`,
  );
  try {
    await sleep(scenario.brokerDown, undefined, { signal });
  } finally {
    brokers.bringUp(); // after an interrupt too: the farewell needs it
    over();
  }
  journal.good(`broker ${brokers.victim} is back`);
}

async function changeLeaders(targets: FaultTargets, brokers: BrokerFaults): Promise<void> {
  const { scenario, timeline, journal, signal } = targets;
  const over = timeline.outage('leader changes');
  journal.fault(`leaders change, so that requests fail, for ${formatMs(scenario.leaderChanges)}`);
  let changes = 0;
  for (let waited = 0; waited < scenario.leaderChanges; waited += LEADER_CHANGE_INTERVAL) {
    brokers.changeLeaders();
    changes++;
    await sleep(LEADER_CHANGE_INTERVAL, undefined, { signal });
  }
  over();
  journal.good(`leaders stay where they are now; every partition has moved ${changes} times`);
}

async function stopService(targets: FaultTargets): Promise<void> {
  const { scenario, service, timeline, journal, signal } = targets;
  await service.takeDown();
  const over = timeline.outage('enrichment service stopped');
  journal.fault(`the enrichment service is stopped, for ${formatMs(scenario.serviceDown)}`);
  await sleep(scenario.serviceDown, undefined, { signal });
  await service.bringUp();
  over();
  journal.good('the enrichment service is restarted on its port');
}
