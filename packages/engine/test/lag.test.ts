import { beforeEach, describe, expect, it } from 'vitest';
import type { OffsetRange } from '../src/binding/binding.js';
import type { TopicPartition } from '../src/binding/record.js';
import { Lag, type ReadPartition } from '../src/observing/lag.js';
import { VirtualClock } from './support/virtual-clock.js';

/** Brokers are asked at most once in so long, ms; their answer is waited for so long. */
const ASK_EVERY = 10_000;
const ANSWER_LIMIT = 2_000;

const P0 = { topic: 'orders', partition: 0 };
const P1 = { topic: 'orders', partition: 1 };

let clock: VirtualClock;
let reading: ReadPartition[];
let asked: number;
let offsets: (partition: TopicPartition) => Promise<OffsetRange>;
let lag: Lag;

const read = (partition: TopicPartition, readTo: number | undefined, records = 0): ReadPartition => ({
  ...partition,
  readTo,
  load: { records },
});
const endsAt = async (latest: number): Promise<OffsetRange> => ({ earliest: 0, latest });

beforeEach(() => {
  clock = new VirtualClock();
  reading = [read(P0, 60, 5), read(P1, 100)];
  asked = 0;
  offsets = () => endsAt(100);
  lag = new Lag({
    reading: () => reading,
    offsets: (partitions) => {
      asked++;
      return partitions.map((partition) => offsets(partition));
    },
    clock,
  });
});

describe('the lag of a consumer', () => {
  it('is what was not fetched, and what was fetched and has not ended', async () => {
    expect(await lag.read()).toEqual([
      { ...P0, records: 45, age: 0 },
      { ...P1, records: 0, age: 0 },
    ]);
  });

  it('is not below what is in memory where the client has read past the end that was told', async () => {
    reading = [read(P0, 130, 7)];
    expect(await lag.read()).toEqual([{ ...P0, records: 7, age: 0 }]);
  });

  it('asks the brokers at most once in 10 s, however many ask, and says how old their answer is', async () => {
    await Promise.all([lag.read(), lag.read(), lag.read()]);
    await clock.advance(ASK_EVERY - 1);
    expect(await lag.read()).toEqual([
      { ...P0, records: 45, age: ASK_EVERY - 1 },
      { ...P1, records: 0, age: ASK_EVERY - 1 },
    ]);
    expect(asked).toBe(1);
    await clock.advance(1);
    await lag.read();
    expect(asked).toBe(2);
  });

  it('asks nobody while nothing is read', async () => {
    reading = [];
    expect(await lag.read()).toEqual([]);
    expect(asked).toBe(0);
  });

  it('leaves out a partition whose position is not known', async () => {
    reading = [read(P0, undefined), read(P1, 90)];
    expect(await lag.read()).toEqual([{ ...P1, records: 10, age: 0 }]);
  });

  it('goes on from the last answer where a leader does not tell', async () => {
    await lag.read();
    await clock.advance(ASK_EVERY);
    offsets = ({ partition }) => (partition === 0 ? Promise.reject(new Error('no leader')) : endsAt(120));
    expect(await lag.read()).toEqual([
      { ...P0, records: 45, age: ASK_EVERY },
      { ...P1, records: 20, age: 0 },
    ]);
  });

  it('waits 2 s for an answer, and takes it in when it comes later', async () => {
    let answer = (_: OffsetRange): void => {};
    offsets = ({ partition }) =>
      partition === 1
        ? endsAt(100)
        : new Promise((resolve) => {
            answer = resolve;
          });
    const first = lag.read();
    await clock.advance(ANSWER_LIMIT);
    expect(await first).toEqual([{ ...P1, records: 0, age: ANSWER_LIMIT }]);
    answer({ earliest: 0, latest: 70 });
    await clock.advance(0);
    expect(await lag.read()).toEqual([
      { ...P0, records: 15, age: ANSWER_LIMIT },
      { ...P1, records: 0, age: ANSWER_LIMIT },
    ]);
    expect(clock.pending).toBe(0);
  });

  it('forgets the ends of partitions that have gone', async () => {
    await lag.read();
    reading = [read(P1, 100)];
    await clock.advance(ASK_EVERY);
    await lag.read();
    reading = [read(P0, 60), read(P1, 100)];
    expect(await lag.read()).toEqual([{ ...P1, records: 0, age: 0 }]);
  });
});
