import { setTimeout as sleep } from 'node:timers/promises';
import { NODES } from '../plan/fault-plan.js';
import type { Cut, MainFault, Target } from '../plan/faults.js';
import { until } from '../wait.js';
import type { Stage } from './stage.js';
import type { BrokerKill } from './timeline.js';

/** ms. The cluster's own failover takes about 5 s. */
const FAILOVER_LIMIT = 60_000;
/** ms. A node that is back copies what it has missed. */
const WHOLE_LIMIT = 90_000;
/** ms. The failover is measured, so it is looked at often. */
const FAILOVER_POLL = 50;
/** ms. Leaders return to their first nodes, and clients follow, before the next fault. */
const SETTLE = 4_000;
/** Of each packet, ms. */
const SLOW = 400;

type BrokerFault = Extract<MainFault, { kind: 'broker kill' | 'network' }>;

/** Does a fault to the cluster, and undoes it. @returns when the cluster is whole again */
export async function doBrokerFault(stage: Stage, fault: BrokerFault, memberFaults: number): Promise<void> {
  const { signal, observer } = stage;
  const limits = { limit: FAILOVER_LIMIT, signal };
  const coordinator = await until(() => observer.coordinator(), 'the group has a coordinator', limits);
  const node = nodeFor(fault.target, coordinator, stage.timeline.brokerKills);
  const wasCoordinator = node === coordinator;
  if (fault.kind === 'broker kill')
    await killBroker(stage, node, fault.down, { wasCoordinator, memberFaults, offline: fault.offline });
  else await cutNetwork(stage, node, fault.cut, fault.length, wasCoordinator);
  await sleep(SETTLE, undefined, { signal });
}

/** The lowest id of several that were killed least. */
export function nodeFor(
  target: Target,
  coordinator: number,
  kills: readonly Pick<BrokerKill, 'node'>[],
): number {
  if (target === 'coordinator') return coordinator;
  if (target !== 'least killed') return target;
  const times = (node: number) => kills.filter((kill) => kill.node === node).length;
  return NODES.reduce((least, node) => (times(node) < times(least) ? node : least));
}

async function killBroker(
  { cluster, observer, timeline, signal }: Stage,
  node: number,
  down: number,
  facts: Pick<BrokerKill, 'wasCoordinator' | 'memberFaults' | 'offline'>,
): Promise<void> {
  // Which topics there are, before a partition without replicas keeps kafkajs from saying so.
  await until(() => observer.topics(), 'the topics are known', { limit: FAILOVER_LIMIT, signal });
  const at = timeline.add(
    `kill -9 of broker ${node}${facts.wasCoordinator ? ', the group’s coordinator' : ''}${facts.offline ? ', for long' : ''}`,
  );
  await cluster.node(node).kill();
  await until(() => observer.hasFailedOver(node), `the cluster has failed over from broker ${node}`, {
    limit: FAILOVER_LIMIT,
    poll: FAILOVER_POLL,
    signal,
  });
  const failedOver = timeline.add(`the cluster has failed over from broker ${node}`);
  await sleep(down, undefined, { signal });
  await cluster.node(node).start();
  await until(() => observer.isWhole(), 'all replicas are in sync', { limit: WHOLE_LIMIT, signal });
  const whole = timeline.add(`broker ${node} is back, all replicas are in sync`);
  timeline.brokerKills.push({ node, at, failedOver, whole, ...facts });
}

const WORDS: Record<Cut, string> = {
  reset: 'resets all connections again and again',
  refuse: 'refuses connections',
  'half-open': 'is half open: bytes vanish',
  'lost-answers': 'loses all answers',
  slow: `holds each packet for ${SLOW} ms`,
};

async function cutNetwork(
  { cluster, timeline, signal }: Stage,
  node: number,
  cut: Cut,
  length: number,
  wasCoordinator: boolean,
): Promise<void> {
  const proxy = cluster.proxy(node);
  const who = `broker ${node}${wasCoordinator ? ' (the coordinator)' : ''}`;
  timeline.add(`the network to ${who} ${WORDS[cut]} for ${(length / 1_000).toFixed(1)} s`);
  try {
    if (cut === 'refuse') await proxy.refuse();
    else if (cut === 'half-open') proxy.swallow('both');
    else if (cut === 'lost-answers') proxy.swallow('to-client');
    else if (cut === 'slow') proxy.delay(SLOW);
    for (let left = length; left > 0; left -= 1_000) {
      if (cut === 'reset') proxy.cut();
      await sleep(Math.min(left, 1_000), undefined, { signal });
    }
  } finally {
    await proxy.heal();
  }
  timeline.add(`the network to broker ${node} is healed`);
}
