import type { Attributes, Meter, Observable } from '@opentelemetry/api';
import {
  GAUGES,
  type GaugeFacts,
  type GaugeKey,
  GaugeReader,
  type GaugeSample,
  type GaugeSubject,
} from '@velo/engine';
import * as names from './conventions.js';

const GAUGE_NAMES = {
  consumers: 'velo.consumer.state',
  liveConsumers: 'velo.consumer.live',
  readyConsumers: 'velo.consumer.ready',
  assignedPartitions: 'velo.partitions.assigned',
  pausedPartitions: 'velo.partitions.paused',
  unreadPartitions: 'velo.partitions.unread',
  lag: 'velo.lag',
  lagAge: 'velo.lag.age',
  bufferedRecords: 'velo.buffered.records',
  bufferedBytes: 'velo.buffered.size',
  runningHandlers: 'velo.handlers.running',
  oldestHandler: 'velo.handlers.oldest',
  pendingCopies: 'velo.copies.pending',
  heldSources: 'velo.held',
  retryBudget: 'velo.retry_budget',
  breakers: 'velo.breaker.state',
  contactAge: 'velo.contact.age',
  waitingKeys: 'velo.keys.waiting',
  followers: 'velo.keys.followers',
} as const satisfies Record<GaugeKey, string>;

/** What consumers have at hand, whenever the meter is read. */
export function observeGauges(meter: Meter, partitions: boolean): GaugeReader<Attributes> {
  const reader = new GaugeReader((subject) => attributesOf(subject, partitions));
  const keys = Object.keys(GAUGES) as GaugeKey[];
  const observables = Object.fromEntries(
    keys.map((key) => [key, observable(meter, GAUGE_NAMES[key], GAUGES[key])]),
  ) as Record<GaugeKey, Observable>;
  /** The SDK would go on telling the last value of what has gone, such as the lag of a partition that another member has now. */
  const told = new Map<string, GaugeSample<Attributes>>();
  meter.addBatchObservableCallback(async (result) => {
    const samples = await reader.read();
    for (const [name, { gauge, labels }] of told)
      if (!samples.has(name)) result.observe(observables[gauge], 0, labels);
    for (const [name, sample] of samples) {
      told.set(name, sample);
      result.observe(observables[sample.gauge], sample.value, sample.labels);
    }
  }, Object.values(observables));
  return reader;
}

/** What may be added up is a sum to OpenTelemetry. */
function observable(meter: Meter, name: string, { help, unit, isGreatest = false }: GaugeFacts): Observable {
  const options = { description: help, unit };
  return isGreatest
    ? meter.createObservableGauge(name, options)
    : meter.createObservableUpDownCounter(name, options);
}

function attributesOf(subject: GaugeSubject, partitions: boolean): Attributes {
  const { group, source, topic = source, tier, partition, state, reason } = subject;
  return {
    [names.CONSUMER_GROUP_NAME]: group,
    ...(topic !== undefined && { [names.DESTINATION_NAME]: topic }),
    ...(tier !== undefined && { [names.TIER]: tier }),
    ...(partition !== undefined && partitions && { [names.PARTITION_ID]: String(partition) }),
    ...(state !== undefined && { [names.STATE]: state }),
    ...(reason !== undefined && { [names.REASON]: reason }),
  };
}
