import { fixed, PermanentError } from '@velo/retry-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import { readFinishedAhead } from '../src/offsets/offset-metadata.js';
import { gate, laneInTest, recordAt, startAt } from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

/** The wait in place after a stumble, ms. */
const STUMBLE = 50;

type Step =
  /** The client delivers so many more. */
  | { readonly do: 'feed'; readonly count: number }
  /** One of the running handlers ends; a failure sends a copy to the dead letters, a stumble is tried again in place. */
  | { readonly do: 'pass' | 'fail' | 'stumble'; readonly which: number }
  /** The brokers acknowledge the copies that are under way. */
  | { readonly do: 'acknowledge' }
  | { readonly do: 'commit' }
  | { readonly do: 'wait'; readonly ms: number }
  /** Another assignment, the partition stays; another member has got so much further meanwhile. */
  | { readonly do: 'rebalance'; readonly further: number }
  /** The process dies, and another one goes on. */
  | { readonly do: 'crash' };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('feed' as const), count: fc.integer({ min: 1, max: 6 }) }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constantFrom('pass' as const, 'pass' as const, 'fail' as const, 'stumble' as const),
        which: fc.nat(8),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('acknowledge' as const, 'commit' as const) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, STUMBLE, 1_000) }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('rebalance' as const), further: fc.nat(2) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const) }) },
  ),
  { maxLength: 60, size: 'max' },
);

type Form = Pick<Parameters<typeof laneInTest>[0], 'concurrency' | 'order' | 'perConsumer'>;

interface World {
  readonly form: Form;
  /** Before each offset. */
  readonly gaps: readonly number[];
  /** Of each record: two with one number have one key, 0 is none. */
  readonly keys: readonly number[];
}

/** A partition with gaps, and what has become of its records. */
class Life {
  readonly #form: Form;
  readonly #records: readonly KafkaRecord[];
  readonly #offsets: readonly number[];
  #gate = gate();
  #test: ReturnType<typeof laneInTest>;
  #acknowledge: (() => void)[] = [];
  readonly #done = new Set<number>();
  /** Those whose handlers have succeeded, or whose copies are acknowledged, before the last commit that could tell it. */
  #told = new Set<number>();
  /** Calls that have ended. */
  #ended = new Set<unknown>();
  /** Offsets that have begun in this life of the process, in their order. */
  #begun: number[] = [];
  #fed = 0;
  #committed: number;
  #metadata = '';

  constructor({ form, gaps, keys }: World) {
    this.#form = form;
    let next = 0;
    this.#offsets = gaps.map((gap) => {
      const offset = next + gap;
      next = offset + 1;
      return offset;
    });
    this.#records = this.#offsets.map((offset, i) => {
      const key = keys[i % keys.length] as number;
      return recordAt(offset, {
        key: key === 0 ? null : Buffer.from(`key ${key}`),
        value: Buffer.from(String(offset)),
      });
    });
    this.#committed = this.#offsets[0] as number;
    this.#test = this.#newProcess();
    this.#test.lane.open(startAt(this.#committed));
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'feed') this.#feed(step.count);
    else if (step.do === 'commit') this.#commit();
    else if (step.do === 'rebalance') this.#rebalance(step.further);
    else if (step.do === 'crash') this.#crash();
    else if (step.do === 'wait') await this.#test.clock.advance(step.ms);
    else if (step.do === 'acknowledge') for (const tell of this.#acknowledge.splice(0)) tell();
    else this.#end(step.do, step.which);
    await settle();
    this.#look();
  }

  /** All is delivered, and whatever is still open ends well. */
  async end(): Promise<void> {
    this.#feed(this.#offsets.length);
    for (let i = 0; i <= this.#offsets.length * 2; i++) {
      await this.take({ do: 'pass', which: 0 });
      await this.take({ do: 'acknowledge' });
      await this.take({ do: 'wait', ms: STUMBLE });
    }
    this.#commit();
    expect(this.#committed).toBe((this.#offsets.at(-1) as number) + 1);
    expect(this.#test.halted).toEqual([]);
    expect(this.#test.lane.queued).toBe(0);
  }

  #newProcess() {
    this.#gate = gate();
    this.#ended = new Set();
    this.#begun = [];
    this.#acknowledge = [];
    const copied = new Set<number>();
    return laneInTest({
      ...this.#form,
      handler: this.#gate.handler,
      retry: { inPlace: { maxAttempts: 1_000, strategy: fixed(STUMBLE) } },
      publish: (copy) =>
        new Promise((resolve) => {
          const offset = Number(copy.value);
          expect(copied.has(offset)).toBe(false);
          copied.add(offset);
          this.#acknowledge.push(() => {
            this.#done.add(offset);
            resolve(undefined);
          });
        }),
    });
  }

  #feed(count: number): void {
    const fed = this.#records.slice(this.#fed, this.#fed + count);
    this.#fed += fed.length;
    if (fed.length > 0) this.#test.lane.push(fed);
  }

  get #running() {
    return this.#gate.calls.filter((call) => !this.#ended.has(call));
  }

  #end(how: 'pass' | 'fail' | 'stumble', which: number): void {
    const running = this.#running;
    const call = running[which % Math.max(1, running.length)];
    if (call === undefined) return;
    this.#ended.add(call);
    if (how === 'fail') call.fail(new PermanentError('x'));
    else if (how === 'stumble') call.fail(new Error('x'));
    else {
      this.#done.add(Number(call.record.offset));
      call.pass();
    }
  }

  /** No more run at once than may, those of one strand one after the other, and nothing that a commit has told finished. */
  #look(): void {
    const { concurrency = 1, order, perConsumer = Number.POSITIVE_INFINITY } = this.#form;
    const running = this.#running.map(({ record }) => record);
    expect(running.length).toBeLessThanOrEqual(Math.min(concurrency as number, perConsumer));
    const strands = running.flatMap(strandOf(order));
    expect(new Set(strands).size).toBe(strands.length);
    for (const { record, context } of this.#gate.calls.slice(this.#begun.length)) {
      const offset = Number(record.offset);
      this.#begun.push(offset);
      if (context.attempt > 1) continue;
      expect(this.#told.has(offset)).toBe(false);
      const [strand] = strandOf(order)(record);
      if (strand === undefined) continue;
      const before = this.#gate.calls.slice(0, this.#begun.length).map((call) => call.record);
      const ofStrand = before.filter((one) => strandOf(order)(one)[0] === strand);
      expect(Math.max(...ofStrand.map((one) => Number(one.offset)))).toBe(offset);
    }
  }

  /** Nothing is ever committed over a record that was not handled, nor told to have finished, nor back. */
  #commit(): void {
    const commit = this.#test.lane.standing.takeCommit();
    if (commit === undefined) return;
    const { offset, metadata = '' } = commit;
    expect(offset).toBeGreaterThanOrEqual(this.#committed);
    const spans = readFinishedAhead(metadata)?.spans ?? [];
    const told = this.#offsets.filter(
      (one) => one < offset || spans.some(({ begin, end }) => one >= begin && one < end),
    );
    expect(told.filter((one) => !this.#done.has(one))).toEqual([]);
    this.#committed = offset;
    this.#metadata = metadata;
    this.#told = new Set(told);
    this.#test.lane.standing.committedUpTo(offset);
  }

  #rebalance(further: number): void {
    const { lane } = this.#test;
    lane.hold();
    expect(lane.standing.takeCommit()).toBeUndefined();
    const ahead = this.#offsets.filter((offset) => offset >= this.#committed).slice(0, further);
    for (const offset of ahead) this.#done.add(offset);
    this.#committed = Math.max(this.#committed, ...ahead.map((offset) => offset + 1));
    if (ahead.length > 0) {
      this.#metadata = '';
      this.#told = new Set(this.#offsets.filter((offset) => offset < this.#committed));
    }
    this.#rewind();
    lane.open(this.#start());
  }

  #crash(): void {
    void this.#test.lane.close('the process has died');
    this.#test = this.#newProcess();
    this.#rewind();
    this.#test.lane.open(this.#start());
  }

  /** Clients fetch again from what is committed. */
  #rewind(): void {
    const again = this.#offsets.findIndex((offset) => offset >= this.#committed);
    this.#fed = again === -1 ? this.#offsets.length : again;
  }

  #start() {
    const finishedAhead = readFinishedAhead(this.#metadata)?.spans;
    return { ...startAt(this.#committed), ...(finishedAhead && { finishedAhead }) };
  }
}

function strandOf(order: Form['order'] = 'key') {
  return ({ key }: KafkaRecord): string[] => {
    if (order === 'partition') return ['all'];
    return order === 'none' || key === null ? [] : [key.toString()];
  };
}

const forms: { what: string; form: Form }[] = [
  { what: 'one record at a time', form: { order: 'partition' } },
  { what: 'three at once, one of each key', form: { concurrency: 3 } },
  { what: 'four at once, in no order', form: { concurrency: 4, order: 'none' } },
  { what: 'one at once, a key that waits lets others pass', form: { concurrency: 1, order: 'key' } },
  { what: 'two at once in the consumer, eight in the partition', form: { concurrency: 8, perConsumer: 2 } },
  { what: 'the order of the partition, under a limit', form: { order: 'partition', perConsumer: 1 } },
];

describe.each(forms)('whatever comes in whatever order: $what', ({ form }) => {
  it('no strand runs twice at once or out of order, no commit passes over a record, none is repeated that a commit has told, and all are committed in the end', async () => {
    const world = fc.record({
      form: fc.constant(form),
      gaps: fc.array(fc.nat(1), { minLength: 1, maxLength: 16 }),
      keys: fc.array(fc.nat(3), { minLength: 1, maxLength: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(world, steps, async (given, taken) => {
        const life = new Life(given);
        for (const step of taken) await life.take(step);
        await life.end();
      }),
      { numRuns: 60 },
    );
  });
});
