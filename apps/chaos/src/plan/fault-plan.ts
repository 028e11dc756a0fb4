import { Random, seedFor } from '../random.js';
import type { Scale } from './scale.js';

/** A node by its id, or whichever coordinates the group, or was killed least, at that time. */
export type Target = 1 | 2 | 3 | 'coordinator' | 'least killed';

/**
 * - `reset`: all connections are reset, new ones are accepted
 * - `refuse`: all connections are reset, new ones are refused
 * - `half-open`: connections stay, bytes vanish
 * - `lost-answers`: brokers do what they are told, and nobody hears of it
 * - `slow`: every packet is late
 */
export type Cut = 'reset' | 'refuse' | 'half-open' | 'lost-answers' | 'slow';

/** A fault of the cluster; there is one at a time, so that of three brokers two are always there. */
export type ClusterFault =
  | {
      readonly kind: 'broker kill';
      readonly target: Target /** After the failover, ms. */;
      readonly down: number;
    }
  | {
      readonly kind: 'network';
      readonly target: Target;
      readonly cut: Cut /** ms */;
      readonly length: number;
    };

/** A fault of a member, so long after the beginning of its step. */
export type MemberFault = {
  readonly kind: 'kill' | 'kill at hand-off' | 'leave' | 'join';
  /** ms */
  readonly delay: number;
  /** Which of the members that are there then: a number in `[0, 1)`. */
  readonly which: number;
};

export interface Step {
  readonly fault: ClusterFault;
  readonly members: readonly MemberFault[];
}

export const NODES: readonly (1 | 2 | 3)[] = [1, 2, 3];
const CUTS: readonly Cut[] = ['half-open', 'lost-answers', 'refuse', 'reset', 'slow'];
/** Within so long a member fault begins, ms. */
const MEMBER_DELAY = 9_000;

/**
 * All faults of a run, in their order. Each node is killed as often as any other, give or take the kills that aim at the
 * coordinator. Kills with nothing beside them come first: recovery is measured by them.
 */
export function planFaults(seed: number, scale: Scale): Step[] {
  const random = new Random(seedFor(seed, 'faults'));
  const kill = (target: Target): ClusterFault => ({
    kind: 'broker kill',
    target,
    down: random.whole(1_000, 4_000),
  });
  const kills = (count: number, atCoordinator: number) =>
    Array.from({ length: count }, (_, i) => kill(i < atCoordinator ? 'coordinator' : 'least killed'));
  const measured = kills(scale.measuredKills, 1);
  const mixed = random.shuffle([
    ...kills(scale.mixedKills, scale.mixedAtCoordinator),
    ...Array.from({ length: scale.networkFaults }, (_, i) => network(random, CUTS[i % CUTS.length] as Cut)),
  ]);
  const beside: MemberFault[][] = mixed.map(() => []);
  memberFaults(random, scale).forEach((fault, i) => {
    beside[i % mixed.length]?.push(fault);
  });
  return [
    ...measured.map((fault) => ({ fault, members: [] })),
    ...mixed.map((fault, i) => ({ fault, members: beside[i] ?? [] })),
  ];
}

function network(random: Random, cut: Cut): ClusterFault {
  const target: Target = random.next() < 0.4 ? 'coordinator' : random.pick(NODES);
  return { kind: 'network', target, cut, length: random.whole(3_000, 8_000) };
}

function memberFaults(random: Random, scale: Scale): MemberFault[] {
  const kinds: MemberFault['kind'][] = [];
  for (let i = 0; i < scale.memberKills; i++)
    kinds.push(i < scale.killsAtHandOff ? 'kill at hand-off' : 'kill');
  for (let i = 0; i < scale.changes; i++) kinds.push(i % 2 === 0 ? 'join' : 'leave');
  return random
    .shuffle(kinds)
    .map((kind) => ({ kind, delay: random.whole(0, MEMBER_DELAY), which: random.next() }));
}
