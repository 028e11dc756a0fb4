import { GAUGES, type GaugeFacts, type GaugeKey } from './gauge-table.js';
import type { ConsumerGauges } from './gauges.js';
import type { HealthState } from './health.js';
import { HOLD_REASONS } from './held.js';
import type { PartitionLag } from './lag.js';
import type { ObservedConsumer } from './observer.js';

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
const CIRCUIT_STATES = ['closed', 'open', 'half-open'] as const;

/** What a value belongs to. None has values without bound. */
export interface GaugeSubject {
  readonly group: string;
  /** The source topic, of its tiers too; undefined: the value is the whole consumer's. */
  readonly source?: string;
  /** Which is read, the source or a tier; undefined: the value is the source's with all its tiers. */
  readonly topic?: string;
  /** 0: the source, or its replay topic; n: the n-th tier. With `topic`. */
  readonly tier?: number;
  readonly partition?: number;
  /** Of health, or of a circuit. */
  readonly state?: string;
  /** Of a hold. */
  readonly reason?: string;
}

export interface GaugeSample<L> {
  readonly gauge: GaugeKey;
  readonly labels: L;
  /** In the gauge's unit. */
  readonly value: number;
}

/** What one consumer has at hand. */
interface Reading {
  readonly consumer: ObservedConsumer;
  readonly gauges: ConsumerGauges;
  readonly lag: readonly PartitionLag[];
}

type Tell = (gauge: GaugeKey, subject: GaugeSubject, value: number) => void;

/**
 * Reads what consumers have at hand, for an observer that shows gauges. Values of the same labels, as of two consumers of one group, are
 * added up, ages apart: there the greatest counts.
 */
export class GaugeReader<L extends object> {
  readonly #labelsOf: (subject: GaugeSubject) => L;
  readonly #consumers = new Set<ObservedConsumer>();
  /** Dead ones are shown until their group has a consumer again. */
  readonly #dead = new Map<string, ObservedConsumer>();

  /** @param labelsOf what the observer calls a subject; what it leaves out is added up */
  constructor(labelsOf: (subject: GaugeSubject) => L) {
    this.#labelsOf = labelsOf;
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

  /**
   * Never rejects; takes 2 s at most, for the lag.
   *
   * @returns by a name that the same gauge with the same labels has in each reading
   */
  async read(): Promise<ReadonlyMap<string, GaugeSample<L>>> {
    const consumers = [...this.#consumers, ...this.#dead.values()];
    const lags = await Promise.all(consumers.map((consumer) => consumer.lag()));
    const samples = new Map<string, { gauge: GaugeKey; labels: L; value: number }>();
    const tell: Tell = (gauge, subject, value) => {
      const labels = this.#labelsOf(subject);
      const id = JSON.stringify([gauge, labels]);
      const there = samples.get(id);
      if (there === undefined) samples.set(id, { gauge, labels, value });
      else there.value = together(GAUGES[gauge], there.value, value);
    };
    for (const [i, consumer] of consumers.entries()) {
      const reading = { consumer, gauges: consumer.gauges(), lag: lags[i] ?? [] };
      tellConsumer(reading, tell);
      tellPartitions(reading, tell);
      tellSources(reading, tell);
    }
    return samples;
  }
}

function together({ isGreatest = false }: GaugeFacts, a: number, b: number): number {
  return isGreatest ? Math.max(a, b) : a + b;
}

function tellConsumer(
  { consumer: { groupId: group }, gauges: { health, sinceContact }, lag }: Reading,
  tell: Tell,
): void {
  for (const state of STATES) tell('consumers', { group, state }, health.state === state ? 1 : 0);
  tell('liveConsumers', { group }, health.live ? 1 : 0);
  tell('readyConsumers', { group }, health.ready ? 1 : 0);
  tell('pendingCopies', { group }, health.pendingHandOffs);
  tell('waitingKeys', { group }, health.waitingKeys);
  tell('followers', { group }, health.followers);
  for (const { age } of lag) tell('lagAge', { group }, age / 1_000);
  if (sinceContact !== undefined) tell('contactAge', { group }, sinceContact / 1_000);
}

function tellPartitions({ consumer, gauges: { health, buffers }, lag }: Reading, tell: Tell): void {
  const of = (topic: string) => ({ group: consumer.groupId, topic, ...consumer.placeOf(topic) });
  for (const { topic, paused, handlers, handlerRunning } of health.partitions) {
    const subject = of(topic);
    tell('assignedPartitions', subject, 1);
    tell('pausedPartitions', subject, paused ? 1 : 0);
    tell('runningHandlers', subject, handlers);
    tell('oldestHandler', subject, handlerRunning / 1_000);
  }
  for (const { topic, records, bytes } of buffers) {
    tell('bufferedRecords', of(topic), records);
    tell('bufferedBytes', of(topic), bytes);
  }
  for (const { topic, partition, records } of lag) tell('lag', { ...of(topic), partition }, records);
}

function tellSources({ consumer, gauges: { health, sources } }: Reading, tell: Tell): void {
  for (const { topic: source, retryBudget, breaker } of sources) {
    const subject = { group: consumer.groupId, source };
    const held = health.held.filter(({ topic }) => topic === source);
    const unread = health.unread.filter(({ topic }) => consumer.placeOf(topic).source === source);
    for (const reason of HOLD_REASONS)
      tell('heldSources', { ...subject, reason }, held.some((one) => one.reason === reason) ? 1 : 0);
    tell('unreadPartitions', subject, unread.length);
    if (retryBudget !== undefined) tell('retryBudget', subject, retryBudget);
    if (breaker !== undefined)
      for (const state of CIRCUIT_STATES) tell('breakers', { ...subject, state }, breaker === state ? 1 : 0);
  }
}
