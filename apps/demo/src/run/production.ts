import { setTimeout as sleep } from 'node:timers/promises';
import type { VeloProducer } from '@velo/kafkajs';
import type { FaultPlan } from '../faults/fault-plan.js';
import { identify } from '../films/identity.js';
import type { InputRecord } from '../films/input.js';

/** Parts that the production is cut into, so that faults begin between them. */
const STEPS = 80;

/** Films in one part, at most. */
const MAX_PART = 500;

/** Sends of one part: a film each where there are few. */
const SENDS = 50;

/** Films on their way at one time: what a broker that is down holds up does not hold up the others. */
const MAX_IN_FLIGHT = 5_000;

export interface Production {
  readonly producer: VeloProducer;
  readonly topic: string;
  readonly records: AsyncIterable<InputRecord>;
  /** How many records there are. */
  readonly total: number;
  /** How long it takes if nothing hinders it, ms. */
  readonly duration: number;
  readonly faults: FaultPlan;
  readonly onSent: (films: number) => void;
  readonly signal: AbortSignal;
}

/** Produces all films at an even pace, and lets each fault begin at its place. Resolves when all are acknowledged. */
export async function produceFilms(production: Production): Promise<void> {
  const { records, total, duration, faults, signal } = production;
  const outbox = new Outbox(production);
  for await (const part of batches(records, Math.min(MAX_PART, Math.ceil(total / STEPS)))) {
    faults.reached((outbox.films + part.length) / total);
    const size = Math.ceil(part.length / SENDS);
    for (let at = 0; at < part.length; at += size) outbox.send(part.slice(at, at + size));
    await sleep(duration / STEPS, undefined, { signal });
    await outbox.below(MAX_IN_FLIGHT);
  }
  await outbox.below(0);
}

/** Sends that are on their way. */
class Outbox {
  /** Films that were given to `send`. */
  films = 0;
  private acknowledged = 0;
  private failure: { readonly error: unknown } | undefined;
  private wake = () => {};

  constructor(private readonly production: Production) {}

  send(films: readonly InputRecord[]): void {
    const { producer, topic, onSent } = this.production;
    this.films += films.length;
    const messages = films.map(({ line, bytes }) => ({ key: identify(line, bytes), value: bytes }));
    void producer
      .send({ topic, messages })
      .then(
        () => {
          this.acknowledged += films.length;
          onSent(films.length);
        },
        (error: unknown) => {
          this.failure ??= { error };
        },
      )
      .then(() => this.wake());
  }

  /** Waits until at most so many films are on their way. @throws what a send failed with */
  async below(limit: number): Promise<void> {
    while (this.failure === undefined && this.films - this.acknowledged > limit) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure.error;
  }
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length >= size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
