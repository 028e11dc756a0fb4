import { type ConsumersOptions, type ConsumersResult, simulateConsumers } from './consumers.js';
import { deployPolicies, type NamedPolicy, outagePolicies } from './policies.js';
import { WINDOW } from './tally.js';

/** Something that goes wrong. */
export interface Trouble {
  readonly id: string;
  readonly title: string;
  readonly policies: readonly NamedPolicy[];
  readonly options: Omit<ConsumersOptions, 'seed' | 'policy'>;
}

export interface ConsumersRow extends ConsumersResult {
  readonly trouble: string;
  readonly policy: string;
  /** The busiest 100 ms, in times what the service can serve. */
  readonly load: number;
}

const CONSUMERS = 10;
/** Records a second for each consumer. */
const RATE = 3;
/** It serves twice as many calls a second as come. */
const SERVICE = { capacity: 2 * CONSUMERS * RATE, patience: 1_000, refusalCost: 0.1 };
const outage = (seconds: number) => ({
  consumers: CONSUMERS,
  rate: RATE,
  service: SERVICE,
  trouble: { from: 20_000, to: 20_000 + seconds * 1_000 },
  isBug: false,
  until: 60_000 + seconds * 1_000,
});

export const troubles: readonly Trouble[] = [
  {
    id: 'short',
    title: 'what the handlers call is down for 10 s',
    policies: outagePolicies,
    options: outage(10),
  },
  {
    id: 'long',
    title: 'what the handlers call is down for 90 s, longer than all tiers',
    policies: outagePolicies,
    options: outage(90),
  },
  {
    id: 'deploy',
    title:
      'for 20 s each record meets a TypeError; then the deploy is taken back, and somebody calls resume()',
    policies: deployPolicies,
    options: {
      consumers: 3,
      rate: 50,
      service: { ...SERVICE, capacity: 1_000 },
      trouble: { from: 5_000, to: 25_000 },
      isBug: true,
      until: 30_000,
    },
  },
];

/** Each policy in each trouble. */
export async function runConsumers(
  seed: number,
  onRow: (row: ConsumersRow) => void = () => {},
): Promise<ConsumersRow[]> {
  const rows: ConsumersRow[] = [];
  for (const { id, policies, options } of troubles) {
    for (const { name, policy } of policies) {
      const result = await simulateConsumers({ ...options, seed, policy });
      const load = result.peak / ((options.service.capacity * WINDOW) / 1_000);
      const row = { ...result, trouble: id, policy: name, load };
      rows.push(row);
      onRow(row);
    }
  }
  return rows;
}
