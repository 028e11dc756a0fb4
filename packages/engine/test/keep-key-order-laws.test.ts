import { PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ClientBinding } from '../src/binding/binding.js';
import type { TopicPartition } from '../src/binding/record.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import { kafkaError, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

/** What a record does before it succeeds: so many failed attempts, or a failure for good. */
type Fate = number | 'poison';

interface Planned {
  readonly key: string | null;
  readonly partition: number;
  readonly fate: Fate;
}

type Step =
  | { readonly do: 'produce'; readonly records: readonly Planned[] }
  | { readonly do: 'wait'; readonly ms: number }
  /** The member is assigned anew; loses its session first; its client crashes; its process dies, and another one begins. */
  | { readonly do: 'rebalance' | 'lose' | 'crash' | 'kill' };

const planned: fc.Arbitrary<Planned> = fc.record({
  key: fc.constantFrom('a', 'a', 'b', 'c', null),
  partition: fc.nat(1),
  fate: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 9 }) },
    { weight: 1, arbitrary: fc.constant('poison' as const) },
  ),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('produce' as const),
      records: fc.array(planned, { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 10, 200, 1_000, 5_000, 30_000),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('rebalance' as const, 'lose' as const, 'crash' as const, 'kill' as const),
    }),
  },
);

type Form = Pick<ConsumerConfig, 'concurrency' | 'order' | 'handOff'> & { readonly batch?: true };

/** Sources and tiers of two partitions, and what has become of each record. */
class World {
  readonly #consumers = new Consumers();
  readonly #form: Form;
  /** By value, in the order in which they were written to their partition. */
  readonly #records = new Map<string, Planned>();
  readonly #attempts = new Map<string, number>();
  readonly #succeeded = new Set<string>();
  readonly #running = new Set<string>();
  readonly #violations: object[] = [];
  #life = 0;

  constructor(form: Form) {
    this.#form = form;
    const { cluster } = this.#consumers;
    cluster.create('orders', 2);
    if (form.handOff === 'transactional') cluster.transactions = new MemoryTransactions(cluster, 'by-member');
    const { open } = cluster;
    Object.assign(cluster, { open: () => this.#slow(open()) });
    this.#start();
  }

  /** As a real client is: answers take their time, tiers are fetched later than their source; and who is dead does nothing any more. */
  #slow(client: ClientBinding): ClientBinding {
    const life = this.#life;
    const pause = (ms: number) => new Promise<void>((resolve) => this.#consumers.clock.schedule(ms, resolve));
    return {
      ...client,
      publish: async (records) => {
        if (life !== this.#life) return new Promise<never>(() => {});
        const outcomes = await client.publish(records);
        await pause(15);
        return outcomes;
      },
      join: async (membership, sink) => {
        if (life !== this.#life) return new Promise<never>(() => {});
        /** What was fetched before an assignment or a seek is not delivered after it. */
        let assignments = 0;
        const seeks = new Map<string, number>();
        const epochOf = (at: TopicPartition) =>
          `${assignments} ${seeks.get(`${at.topic} ${at.partition}`) ?? 0}`;
        const later = async (at: TopicPartition, tell: () => void) => {
          const epoch = epochOf(at);
          if (at.topic !== 'orders') await pause(30);
          if (epoch === epochOf(at)) tell();
        };
        const member = await client.join(membership, {
          ...sink,
          assignment: (partitions) => {
            assignments++;
            sink.assignment(partitions);
          },
          records: (topic, partition, records) =>
            void later({ topic, partition }, () => sink.records(topic, partition, records)),
          reached: (at, next) => void later(at, () => sink.reached(at, next)),
        });
        const seek = member.seek.bind(member);
        member.seek = (position) => {
          const at = `${position.topic} ${position.partition}`;
          seeks.set(at, (seeks.get(at) ?? 0) + 1);
          seek(position);
        };
        return member;
      },
    };
  }

  #start(): void {
    const life = this.#life;
    const { batch, ...form } = this.#form;
    const handle = (value: string) => (life === this.#life ? this.#handle(value) : new Promise(() => {}));
    const { joined } = this.#consumers.start({
      ...form,
      retry: { keepKeyOrder: true, inPlace: { maxAttempts: 2 }, tiers: ['1s', '5s', '20s'] },
      ...(batch
        ? {
            handler: undefined,
            batch: {
              handler: async (records, context) => {
                const results = await Promise.allSettled(records.map((record) => handle(text(record) ?? '')));
                results.forEach((result, i) => {
                  if (result.status === 'rejected') context.fail(i, result.reason);
                });
              },
              maxRecords: 3,
            },
          }
        : { handler: (record) => handle(text(record) ?? '') }),
    });
    joined.catch((error) => this.#violations.push({ error }));
  }

  get #member(): MemoryMember {
    return this.#consumers.cluster.members.at(-1) as MemoryMember;
  }

  begin(): Promise<void> {
    return this.#consumers.clock.advance(1_000);
  }

  async take(step: Step): Promise<void> {
    const { cluster, clock } = this.#consumers;
    if (step.do === 'produce') for (const record of step.records) this.#produce(record);
    else if (step.do === 'wait') await clock.advance(step.ms);
    else if (step.do === 'rebalance') this.#member.assignAll();
    else if (step.do === 'crash') this.#member.crash(kafkaError(25, 'Unknown member'));
    else if (step.do === 'lose') {
      this.#member.sink.lost();
      await clock.advance(10);
      this.#member.assignAll();
    } else {
      this.#life++;
      this.#running.clear();
      for (const member of cluster.members.splice(0)) {
        member.stopped = true;
        member.inGroup = false;
      }
      this.#start();
    }
    await clock.advance(20);
  }

  /** All is handled in the end, and nothing waits any more. */
  async end(): Promise<void> {
    const { cluster, clock } = this.#consumers;
    await clock.advance(3_600_000);
    // What runs from turn to turn of the event loop needs no time, but turns.
    for (let i = 0; i < 20; i++) await clock.advance(1_000);
    expect(this.#violations).toEqual([]);
    const open = [...this.#records.keys()].filter((value) => !this.#isDone(value));
    expect(open).toEqual([]);
    for (const partition of [0, 1])
      expect(cluster.committedOffset('orders', partition)).toBe(cluster.raw('orders', partition).length || 0);
    await this.#consumers.end();
  }

  #produce(record: Planned): void {
    const value = String(this.#records.size);
    this.#records.set(value, record);
    const { key, partition } = record;
    this.#consumers.cluster.produce('orders', partition, {
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
    });
  }

  #isDone(value: string): boolean {
    return this.#succeeded.has(value) || this.#deadLetters.has(value);
  }

  get #deadLetters(): Set<string | null> {
    const { cluster } = this.#consumers;
    if (!cluster.topics.has('orders-billing-dlt')) return new Set();
    return new Set([0, 1].flatMap((partition) => cluster.values('orders-billing-dlt', partition)));
  }

  async #handle(value: string): Promise<void> {
    const { key, partition, fate } = this.#records.get(value) as Planned;
    const ofKey = [...this.#records].filter(
      ([, other]) => key !== null && other.key === key && other.partition === partition,
    );
    const before = ofKey.slice(
      0,
      Math.max(
        0,
        ofKey.findIndex(([other]) => other === value),
      ),
    );
    // What is thrown in here is a handler's failure, and no test's.
    const passed = before.map(([other]) => other).filter((other) => !this.#isDone(other));
    const beside = ofKey.map(([other]) => other).filter((other) => this.#running.has(other));
    if (passed.length + beside.length > 0) this.#violations.push({ value, passed, beside });
    this.#running.add(value);
    await new Promise((resolve) => this.#consumers.clock.schedule(3, () => resolve(undefined)));
    this.#running.delete(value);
    const attempt = (this.#attempts.get(value) ?? 0) + 1;
    this.#attempts.set(value, attempt);
    if (fate === 'poison') throw new PermanentError('poison');
    if (attempt <= fate) throw new Error('not yet');
    this.#succeeded.add(value);
  }
}

const FORMS: readonly Form[] = [
  {},
  { concurrency: 4 },
  { concurrency: 4, batch: true },
  { concurrency: 4, handOff: 'transactional' },
];

it.each(FORMS)(
  'with keepKeyOrder no record of a key is tried before those ahead of it have ended, through three tiers, rebalances and crashes: %j',
  { timeout: 120_000 },
  async (form) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
        const world = new World(form);
        await world.begin();
        for (const one of steps) await world.take(one);
        await world.end();
      }),
      { numRuns: 12 },
    );
  },
);
