import { PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { gate, laneInTest, recordAt, startAt } from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

type Step =
  /** The client delivers so many more. */
  | { readonly do: 'feed'; readonly count: number }
  /** The running handler ends; a failure sends a copy to the dead letters. */
  | { readonly do: 'pass' | 'fail' }
  /** The brokers acknowledge the copies that are under way. */
  | { readonly do: 'acknowledge' }
  | { readonly do: 'commit' }
  /** Another assignment, the partition stays; another member has got so much further meanwhile. */
  | { readonly do: 'rebalance'; readonly further: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('pass' as const, 'fail' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('acknowledge' as const, 'commit' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rebalance' as const), further: fc.nat(2) }) },
  ),
  { maxLength: 40, size: 'max' },
);

/** A partition with gaps, and what has become of its records. */
class World {
  readonly #offsets: number[];
  readonly #gate = gate();
  #acknowledge: (() => void)[] = [];
  readonly #test = laneInTest({
    handler: this.#gate.handler,
    publish: (copy) =>
      new Promise((resolve) => {
        this.#acknowledge.push(() => {
          this.#done.add(Number(copy.key));
          resolve(undefined);
        });
      }),
  });
  readonly #done = new Set<number>();
  #ended = 0;
  #fed = 0;
  #committed: number;

  constructor(gaps: readonly number[]) {
    let next = 0;
    this.#offsets = gaps.map((gap) => {
      const offset = next + gap;
      next = offset + 1;
      return offset;
    });
    this.#committed = this.#offsets[0] as number;
    this.#test.lane.open(startAt(this.#committed));
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'feed') this.#feed(step.count);
    else if (step.do === 'commit') this.#commit();
    else if (step.do === 'rebalance') this.#rebalance(step.further);
    else if (step.do === 'acknowledge') for (const tell of this.#acknowledge.splice(0)) tell();
    else this.#end(step.do);
    await settle();
  }

  /** All is delivered, and whatever is still open ends well. */
  async end(): Promise<void> {
    this.#feed(this.#offsets.length);
    for (let i = 0; i <= this.#offsets.length * 2; i++) {
      await this.take({ do: 'pass' });
      await this.take({ do: 'acknowledge' });
    }
    this.#commit();
    expect(this.#committed).toBe((this.#offsets.at(-1) as number) + 1);
    expect(this.#test.halted).toEqual([]);
  }

  #feed(count: number): void {
    const fed = this.#offsets.slice(this.#fed, this.#fed + count);
    this.#fed += fed.length;
    // The key tells the copy's record
    if (fed.length > 0)
      this.#test.lane.push(fed.map((offset) => recordAt(offset, { key: Buffer.from(String(offset)) })));
  }

  #end(how: 'pass' | 'fail'): void {
    const call = this.#gate.calls[this.#ended];
    expect(this.#gate.calls.length - this.#ended).toBeLessThanOrEqual(1);
    if (call === undefined) return;
    this.#ended++;
    if (how === 'fail') call.fail(new PermanentError('x'));
    else {
      this.#done.add(Number(call.record.offset));
      call.pass();
    }
  }

  /** Nothing is ever committed over a record that was not handled, nor back. */
  #commit(): void {
    const offset = this.#test.lane.standing.takeCommit()?.offset;
    if (offset === undefined) return;
    expect(offset).toBeGreaterThan(this.#committed);
    expect(this.#offsets.filter((one) => one < offset && !this.#done.has(one))).toEqual([]);
    this.#committed = offset;
    this.#test.lane.standing.committedUpTo(offset);
  }

  #rebalance(further: number): void {
    const { lane } = this.#test;
    lane.hold();
    expect(lane.standing.takeCommit()).toBeUndefined();
    const ahead = this.#offsets.filter((offset) => offset >= this.#committed).slice(0, further);
    for (const offset of ahead) this.#done.add(offset);
    this.#committed = Math.max(this.#committed, ...ahead.map((offset) => offset + 1));
    // Clients fetch again from what is committed
    const again = this.#offsets.findIndex((offset) => offset >= this.#committed);
    this.#fed = again === -1 ? this.#offsets.length : again;
    lane.open(startAt(this.#committed));
  }
}

it('whatever comes in whatever order: one record at a time, no commit passes over one, none goes back, and all are committed in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(1), { minLength: 1, maxLength: 12 }), steps, async (gaps, taken) => {
      const world = new World(gaps);
      for (const step of taken) await world.take(step);
      await world.end();
    }),
    { numRuns: 60 },
  );
});
