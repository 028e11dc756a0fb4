import { PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { PartitionOffset } from '../src/binding/binding.js';
import { Consumers, text } from './support/consumers.js';
import { gate } from './support/lane-in-test.js';
import { kafkaError, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

type Step =
  | { readonly do: 'produce' | 'remake'; readonly count: number }
  /** The running handler ends; a failure sends a copy to the dead letters. */
  | { readonly do: 'pass' | 'fail' | 'rebalance' | 'restart' }
  /** An administrator puts the offset back; an unclean election cuts the log off. */
  | { readonly do: 'reset' | 'cut'; readonly choice: number };

type GoingBack = Extract<Step, { readonly choice: number } | { readonly count: number }>;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('produce' as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('pass' as const, 'fail' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('rebalance' as const, 'restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remake' as const), count: fc.nat(6) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('reset' as const, 'cut' as const), choice: fc.nat(20) }),
  },
);

/** A partition whose log and offset may go back, and what has become of its records. */
class World {
  readonly #consumers = new Consumers();
  readonly #gate = gate();
  /** By value: all that is done since it was written, or since the group was put back before it. */
  readonly #done = new Set<string>();
  #written = 0;
  #ended = 0;

  constructor(handOff: 'at-least-once' | 'transactional') {
    const { cluster } = this.#consumers;
    cluster.create('orders');
    if (handOff === 'transactional') cluster.transactions = new MemoryTransactions(cluster);
    cluster.onCommit = (offsets) => this.#check(offsets);
    this.#consumers.start({ handOff, handler: this.#gate.handler }, 'dead');
  }

  get #member(): MemoryMember {
    return this.#consumers.cluster.members.at(-1) as MemoryMember;
  }

  /** The member has joined. */
  begin(): Promise<void> {
    return this.#consumers.clock.advance(1_000);
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'produce') this.#produce(step.count);
    else if (step.do === 'pass' || step.do === 'fail') this.#end(step.do);
    else if (step.do === 'rebalance') this.#member.assignAll();
    else if (step.do === 'restart') this.#member.crash(kafkaError(25, 'Unknown member'));
    else this.#goBack(step as GoingBack);
    await this.#consumers.clock.advance(1_000);
  }

  /** Whatever is still open ends well. */
  async end(): Promise<void> {
    const { cluster } = this.#consumers;
    for (let i = 0; i < 200 && this.#ended < this.#gate.calls.length; i++) await this.take({ do: 'pass' });
    const values = cluster.values('orders') as string[];
    expect(values.filter((value) => !this.#done.has(value))).toEqual([]);
    expect(cluster.committedOffset('orders')).toBe(values.length);
    await this.#consumers.end();
  }

  #produce(count: number): void {
    for (let i = 0; i < count; i++) this.#consumers.cluster.produce('orders', 0, String(this.#written++));
  }

  /** As it can be done: the member is out of its group meanwhile, and no commit of its own counts. */
  #goBack(step: GoingBack): void {
    const { cluster } = this.#consumers;
    const member = this.#member;
    const log = cluster.values('orders') as string[];
    member.inGroup = false;
    member.stopped = true;
    if (step.do === 'reset') {
      const offset = step.choice % (log.length + 1);
      if (offset <= cluster.committedOffset('orders')) {
        cluster.committed.set('orders 0', { offset, metadata: '' });
        for (const value of log.slice(offset)) this.#done.delete(value);
      }
    } else if (step.do === 'cut') cluster.cutOff('orders', 0, step.choice);
    else if ('count' in step) {
      cluster.recreate('orders');
      this.#produce(step.count);
    }
    member.inGroup = true;
    member.stopped = false;
    member.assignAll();
  }

  #end(how: 'pass' | 'fail'): void {
    const call = this.#gate.calls[this.#ended];
    expect(this.#gate.calls.length - this.#ended).toBeLessThanOrEqual(1);
    if (call === undefined) return;
    this.#ended++;
    // What ends too late is done by whoever begins it anew.
    if (!call.context.signal.aborted) this.#done.add(text(call.record) as string);
    if (how === 'pass') call.pass();
    else call.fail(new PermanentError('x'));
  }

  /** Nothing is ever committed over a record of the present log that is not done. */
  #check(offsets: readonly PartitionOffset[]): void {
    for (const { offset } of offsets.filter(({ topic }) => topic === 'orders')) {
      const below = this.#consumers.cluster.values('orders').slice(0, offset) as string[];
      expect(below.filter((value) => !this.#done.has(value))).toEqual([]);
    }
  }
}

it.each(['at-least-once', 'transactional'] as const)(
  'whatever goes back, and whenever: one record at a time, no commit passes over one of the present log, and all are done in the end, %s',
  async (handOff) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25, size: 'max' }), async (steps) => {
        const world = new World(handOff);
        await world.begin();
        for (const one of steps) await world.take(one);
        await world.end();
      }),
      { numRuns: 40 },
    );
  },
);
