import { GAUGES, type GaugeKey, GaugeReader } from '@velo/engine';
import { invalidOption } from '@velo/retry-core';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type GaugeLabels, gaugeLabels } from './gauge-labels.js';
import type { Metered } from './metered.js';
import { METRICS, type Metric, type MetricKey } from './metrics.js';
import { TalliedHistogram } from './tallied-histogram.js';

/** The metrics of one registry under one prefix, which all velos with them share. */
export interface Instruments {
  readonly metered: Metered;
  readonly gauges: GaugeReader<GaugeLabels>;
  /** Called before counters are read: they take in what was counted apart. */
  readonly tallies: Set<() => void>;
}

/** Where a registry keeps them: known to each copy of this package, as where ESM and CommonJS are both loaded. */
const OWN = Symbol.for('@velo/prometheus');

type Owner = Registry & { [OWN]?: Map<string, Instruments> };

/**
 * Those that the registry has already, or new ones.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` where another metric has one of the names
 */
export function instrumentsOf(register: Owner, prefix: string): Instruments {
  const all = register[OWN] ?? new Map<string, Instruments>();
  const there = all.get(prefix);
  // The registry may have been cleared.
  if (there !== undefined && isIn(register, there, prefix)) return there;
  const made = makeInstruments(register, prefix);
  Object.defineProperty(register, OWN, { value: all.set(prefix, made), configurable: true });
  return made;
}

function isIn(register: Registry, { metered }: Instruments, prefix: string): boolean {
  return keys().every((key) => register.getSingleMetric(prefix + METRICS[key].name) === metered[key]);
}

function makeInstruments(register: Registry, prefix: string): Instruments {
  for (const key of keys()) {
    const name = prefix + METRICS[key].name;
    if (register.getSingleMetric(name) !== undefined)
      throw invalidOption(
        'prefix',
        prefix,
        `another one, or register another registry: this one has a metric ${name} that is not velo's`,
      );
  }
  const tallies = new Set<() => void>();
  const flush = () => {
    for (const take of tallies) take();
  };
  const gauges = new GaugeReader(gaugeLabels);
  let refreshing: Promise<void> | undefined;
  const refresh = () => {
    refreshing ??= show(gauges, metered).finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  };
  const metered = Object.fromEntries(
    keys().map((key) => [key, makeMetric(METRICS[key], key, register, prefix, { flush, refresh })]),
  ) as unknown as Metered;
  return { metered, gauges, tallies };
}

/** All gauges of one scrape are from one reading. */
async function show(gauges: GaugeReader<GaugeLabels>, metered: Metered): Promise<void> {
  const samples = await gauges.read();
  for (const key of Object.keys(GAUGES) as GaugeKey[]) metered[key].reset();
  for (const { gauge, labels, value } of samples.values()) metered[gauge].set(labels, value);
}

/** What is called before a metric is read. */
interface Collecting {
  readonly flush: () => void;
  readonly refresh: () => Promise<void>;
}

function makeMetric(
  metric: Metric,
  key: MetricKey,
  register: Registry,
  prefix: string,
  { flush, refresh }: Collecting,
): Counter | Gauge | Histogram {
  const { kind, help, labels, buckets, isGreatest } = metric;
  const common = { name: prefix + metric.name, help, labelNames: [...labels], registers: [register] };
  if (kind === 'histogram') {
    const config = { ...common, buckets: [...(buckets ?? [])] };
    return key === 'handlerDuration' ? new TalliedHistogram(config) : new Histogram(config);
  }
  if (kind === 'counter') return new Counter({ ...common, collect: flush });
  return new Gauge({
    ...common,
    aggregator: isGreatest ? 'max' : 'sum',
    ...(key in GAUGES && { collect: refresh }),
  });
}

function keys(): MetricKey[] {
  return Object.keys(METRICS) as MetricKey[];
}
