import type { ConsumerGauges, HealthState, ObservedConsumer, PartitionLag } from '@velo/engine';
import type { Metered } from './metered.js';
import { HOLD_REASONS, type MetricKey } from './metrics.js';
import type { TopicLabels } from './topic-tally.js';

/** In the order in which they are shown; `stopped` consumers are not. */
const STATES = [
  'starting',
  'running',
  'retrying',
  'paused',
  'stalled',
  'unread',
  'disconnected',
  'dead',
] as const satisfies HealthState[];
/** Those that are read at each scrape. */
export const READ_GAUGES = [
  'consumers',
  'liveConsumers',
  'readyConsumers',
  'assignedPartitions',
  'pausedPartitions',
  'unreadPartitions',
  'lag',
  'lagAge',
  'bufferedRecords',
  'bufferedBytes',
  'runningHandlers',
  'oldestHandler',
  'pendingCopies',
  'heldSources',
  'retryBudget',
  'breakers',
  'contactAge',
  'waitingKeys',
  'followers',
] as const satisfies MetricKey[];
const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;

/** What one consumer has at hand. */
interface Reading {
  readonly consumer: ObservedConsumer;
  readonly gauges: ConsumerGauges;
  readonly lag: readonly PartitionLag[];
}

type Labels = Readonly<Record<string, string>>;

/** Gauges of which the greatest counts. */
type Greatest = 'lagAge' | 'contactAge' | 'oldestHandler' | 'unreadPartitions';

/**
 * Reads what all consumers of a registry have at hand, whenever it is scraped. Values of the same labels, as of two consumers of
 * one group, are added up, ages apart: there the greatest counts.
 */
export class GaugeReader {
  readonly #metered: Metered;
  readonly #consumers = new Set<ObservedConsumer>();
  /** Dead ones are shown until their group has a consumer again. */
  readonly #dead = new Map<string, ObservedConsumer>();
  #refreshing: Promise<void> | undefined;
  /** Of one reading. */
  readonly #greatest = new Map<string, number>();

  constructor(metered: Metered) {
    this.#metered = metered;
  }

  /** @returns a function that forgets it, unless it is dead */
  add(consumer: ObservedConsumer): () => void {
    this.#dead.delete(consumer.groupId);
    this.#consumers.add(consumer);
    return () => {
      this.#consumers.delete(consumer);
      if (consumer.gauges().health.state === 'dead') this.#dead.set(consumer.groupId, consumer);
    };
  }

  /** All gauges of one scrape are from one reading. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    const consumers = [...this.#consumers, ...this.#dead.values()];
    const lags = await Promise.all(consumers.map((consumer) => consumer.lag()));
    for (const key of READ_GAUGES) this.#metered[key].reset();
    this.#greatest.clear();
    for (const [i, consumer] of consumers.entries())
      this.#show({ consumer, gauges: consumer.gauges(), lag: lags[i] ?? [] });
  }

  #show(reading: Reading): void {
    this.#showConsumer(reading);
    this.#showPartitions(reading);
    this.#showSources(reading);
  }

  #showConsumer({ consumer: { groupId: group }, gauges: { health, sinceContact }, lag }: Reading): void {
    const m = this.#metered;
    for (const state of STATES) m.consumers.inc({ group, state }, health.state === state ? 1 : 0);
    m.liveConsumers.inc({ group }, health.live ? 1 : 0);
    m.readyConsumers.inc({ group }, health.ready ? 1 : 0);
    m.pendingCopies.inc({ group }, health.pendingHandOffs);
    m.waitingKeys.inc({ group }, health.waitingKeys);
    m.followers.inc({ group }, health.followers);
    if (lag.length > 0) this.#atLeast('lagAge', { group }, Math.max(...lag.map(({ age }) => age)) / 1_000);
    if (sinceContact !== undefined) this.#atLeast('contactAge', { group }, sinceContact / 1_000);
  }

  #showPartitions({ consumer, gauges: { health, buffers }, lag }: Reading): void {
    const m = this.#metered;
    const labelsOf = (topic: string): TopicLabels => {
      const { source, tier } = consumer.placeOf(topic);
      return { group: consumer.groupId, topic: source, tier: String(tier) };
    };
    for (const { topic, paused, handlers, handlerRunning } of health.partitions) {
      const labels = labelsOf(topic);
      m.assignedPartitions.inc(labels);
      m.pausedPartitions.inc(labels, paused ? 1 : 0);
      m.runningHandlers.inc(labels, handlers);
      this.#atLeast('oldestHandler', labels, handlerRunning / 1_000);
    }
    for (const { topic, records, bytes } of buffers) {
      m.bufferedRecords.inc(labelsOf(topic), records);
      m.bufferedBytes.inc(labelsOf(topic), bytes);
    }
    for (const { topic, partition, records } of lag)
      m.lag.inc({ ...labelsOf(topic), partition: String(partition) }, records);
  }

  #showSources({ consumer, gauges: { health, sources } }: Reading): void {
    const m = this.#metered;
    const { groupId: group } = consumer;
    for (const { topic, retryBudget, breaker } of sources) {
      const labels = { group, topic };
      const held = health.held.filter((one) => one.topic === topic);
      const unread = health.unread.filter((one) => consumer.placeOf(one.topic).source === topic);
      for (const reason of HOLD_REASONS)
        m.heldSources.inc({ ...labels, reason }, held.some((one) => one.reason === reason) ? 1 : 0);
      this.#atLeast('unreadPartitions', labels, unread.length);
      if (retryBudget !== undefined) m.retryBudget.inc(labels, retryBudget);
      if (breaker !== undefined)
        for (const state of CIRCUIT_STATES) m.breakers.inc({ ...labels, state }, breaker === state ? 1 : 0);
    }
  }

  #atLeast(key: Greatest, labels: Labels, value: number): void {
    const id = JSON.stringify([key, labels]);
    const greatest = Math.max(value, this.#greatest.get(id) ?? value);
    this.#greatest.set(id, greatest);
    this.#metered[key].set(labels, greatest);
  }
}
