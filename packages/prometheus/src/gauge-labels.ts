import type { GaugeSubject } from '@velo/engine';
import type { LabelName } from './metrics.js';

export type GaugeLabels = Readonly<Partial<Record<LabelName, string>>>;

/** A tier goes by its source and its number, as everywhere here. */
export function gaugeLabels({ topic: _, source, tier, partition, ...rest }: GaugeSubject): GaugeLabels {
  return {
    ...rest,
    ...(source !== undefined && { topic: source }),
    ...(tier !== undefined && { tier: String(tier) }),
    ...(partition !== undefined && { partition: String(partition) }),
  };
}
