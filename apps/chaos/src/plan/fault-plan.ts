import { Random, seedFor } from '@velo/testkit/random';
import type { Cut, MainFault, MemberFault, Recreation, Step } from './faults.js';
import type { Scale } from './scale.js';

export const NODES: readonly (1 | 2 | 3)[] = [1, 2, 3];
const CUTS: readonly Cut[] = ['half-open', 'lost-answers', 'refuse', 'reset', 'slow'];
/** Within so long a member fault begins, ms. */
const MEMBER_DELAY = 9_000;
/** Within so long a freeze begins, ms: it takes long by itself. */
const FREEZE_DELAY = 2_000;
/** Within so long a topic is deleted, ms. */
const RECREATION_DELAY = 2_000;
/** ms. Longer than a client takes to ask for its metadata again, and so to hear that a leader is missing. */
const OFFLINE = 14_000;
/** ms. The failover is over, and the partitions without replicas stay away. */
const REBALANCE_WHILE_OFFLINE = 8_000;
/** ms. For what has nothing else to happen beside. */
const CALM = 12_000;

/** A step that takes more beside it. */
interface OpenStep extends Step {
  readonly members: MemberFault[];
  readonly recreations: Recreation[];
}

/**
 * All faults of a run, in their order. Each node is killed as often as any other, give or take the kills that aim at the
 * coordinator. A roll-out comes first, so that all else happens to members of two versions; then kills with nothing
 * beside them: recovery is measured by them.
 */
export function planFaults(seed: number, scale: Scale): Step[] {
  const random = new Random(seedFor(seed, 'faults'));
  const measured = kills(random, scale.measuredKills, 1);
  const mixed = [
    ...kills(random, scale.mixedKills, scale.mixedAtCoordinator),
    ...times(scale.networkFaults, (i) => network(random, CUTS[(seed + i) % CUTS.length] as Cut)),
    ...times(scale.outages, () => outage(random)),
  ].map(step);
  const calm = step({ kind: 'calm', length: CALM });
  // Members whom nothing else harms: what a reset or an offline partition does to them is to be seen.
  const members = memberFaults(random, scale);
  const used = new Set([
    ...deal(members, mixed, calm, ({ members }) => members),
    // To make a topic, all brokers must be there.
    ...deal(
      times(scale.recreations, (i) => recreation(random, seed + i)),
      mixed.filter(({ main }) => main.kind === 'network'),
      calm,
      ({ recreations }) => recreations,
    ),
  ]);
  const alone = [
    ...times(scale.offlineKills, () => offline(random)),
    ...times(scale.resets, (i) => step(reset(seed + i))),
  ];
  return [
    ...times(scale.deploys, () => step({ kind: 'deploy' })),
    ...measured.map(step),
    ...random.shuffle([...mixed, ...(used.has(calm) ? [calm] : []), ...alone]),
  ];
}

function step(main: MainFault): OpenStep {
  return { main, members: [], recreations: [] };
}

/** Deals faults to steps in turn, to `spare` if there is none; gives the steps that got one. */
function deal<T>(
  faults: readonly T[],
  steps: readonly OpenStep[],
  spare: OpenStep,
  place: (step: OpenStep) => T[],
): OpenStep[] {
  return faults.map((fault, i) => {
    const taker = steps[i % steps.length] ?? spare;
    place(taker).push(fault);
    return taker;
  });
}

function kills(random: Random, count: number, atCoordinator: number): MainFault[] {
  return times(count, (i) => ({
    kind: 'broker kill',
    target: i < atCoordinator ? 'coordinator' : 'least killed',
    down: random.whole(1_000, 4_000),
    offline: false,
  }));
}

function offline(random: Random): OpenStep {
  const { members, ...rest } = step({
    kind: 'broker kill',
    target: 'least killed',
    down: OFFLINE,
    offline: true,
  });
  const join: MemberFault = { kind: 'join', delay: REBALANCE_WHILE_OFFLINE, which: random.next() };
  return { ...rest, members: [...members, join] };
}

function network(random: Random, cut: Cut): MainFault {
  const target = random.next() < 0.4 ? 'coordinator' : random.pick(NODES);
  return { kind: 'network', target, cut, length: random.whole(3_000, 8_000) };
}

/** Long enough for breakers to open, and to try again in vain. */
function outage(random: Random): MainFault {
  return { kind: 'outage', length: random.whole(6_000, 10_000) };
}

/** Each number another of the four. */
function reset(number: number): MainFault {
  return {
    kind: 'reset',
    reset: number % 2 === 0 ? 'deleted' : 'moved',
    members: number % 4 < 2 ? 'frozen' : 'killed',
  };
}

function recreation(random: Random, number: number): Recreation {
  return { delay: random.whole(0, RECREATION_DELAY), wider: number % 2 === 1 };
}

function memberFaults(random: Random, scale: Scale): MemberFault[] {
  const kinds: MemberFault['kind'][] = [
    ...times(scale.memberKills, (i) => (i < scale.killsAtHandOff ? 'kill at hand-off' : 'kill')),
    ...times(scale.changes, (i) => (i % 2 === 0 ? 'join' : 'leave')),
    ...times(scale.freezes, () => 'freeze' as const),
    ...times(scale.clockSteps, (i) => (i % 2 === 0 ? 'clock back' : 'clock forward')),
  ];
  return random.shuffle(kinds).map((kind) => ({
    kind,
    delay: random.whole(0, kind === 'freeze' ? FREEZE_DELAY : MEMBER_DELAY),
    which: random.next(),
  }));
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
