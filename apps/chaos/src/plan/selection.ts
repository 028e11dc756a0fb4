import type { FaultCounts, Scale } from './scale.js';

/** What `--only` and `--without` take: kinds of faults, and what they count in a run's scale. */
const COUNTS = {
  'broker-kills': ['measuredKills', 'mixedKills', 'mixedAtCoordinator'],
  offline: ['offlineKills'],
  network: ['networkFaults'],
  outages: ['outages'],
  'member-kills': ['memberKills', 'killsAtHandOff'],
  changes: ['changes'],
  freezes: ['freezes'],
  clocks: ['clockSteps'],
  deploy: ['deploys'],
  recreations: ['recreations'],
  resets: ['resets'],
} as const satisfies Record<string, readonly (keyof FaultCounts)[]>;

export type FaultKind = keyof typeof COUNTS;

export const FAULT_KINDS = Object.keys(COUNTS) as FaultKind[];

export function without(scale: Scale, ...kinds: readonly FaultKind[]): Scale {
  const none = kinds.flatMap((kind) => COUNTS[kind].map((count) => [count, 0]));
  return { ...scale, ...Object.fromEntries(none) };
}

export function only(scale: Scale, ...kinds: readonly FaultKind[]): Scale {
  return without(scale, ...FAULT_KINDS.filter((kind) => !kinds.includes(kind)));
}

/** Whether nobody but brokers is harmed: no process of the group dies or stops, and nobody comes or goes. */
export function harmsOnlyBrokers(scale: Scale): boolean {
  const kept = only(scale, 'broker-kills');
  return FAULT_KINDS.every((kind) => COUNTS[kind].every((count) => scale[count] === kept[count]));
}
