import { fixed, PermanentError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { gate, laneInTest, offsetOf, recordAt, recordsFrom, startAt } from './support/lane-in-test.js';
import { settle } from './support/virtual-clock.js';

/** A lane that is open at `position`, with a gate for a handler. */
function openAt(position: number, setup: Partial<Parameters<typeof laneInTest>[0]> = {}) {
  const { calls, handler, seen } = gate();
  const test = laneInTest({ handler, ...setup });
  test.lane.open(startAt(position, 'm'));
  return { ...test, calls, seen };
}

const inPlace = (ms: number) => ({ inPlace: { maxAttempts: 2, strategy: fixed(ms) } });

describe('what a lane lets be committed', () => {
  it('is nothing at its beginning, then the finished prefix, once, with the metadata of its opening', async () => {
    const { lane, calls, toCommit } = openAt(5);
    expect(toCommit()).toBeUndefined();
    lane.push(recordsFrom(5, 2));
    calls[0]?.pass();
    await settle();
    expect(lane.standing.takeCommit()).toEqual({ topic: 'orders', partition: 0, offset: 6, metadata: 'm' });
    lane.standing.committedUpTo(6);
    expect(lane.committed).toBe(6);
    expect(toCommit()).toBeUndefined();
    calls[1]?.pass();
    await settle();
    expect(toCommit()).toBe(7);
  });

  it('is never again what was committed, also when an older commit is answered late', async () => {
    const { lane, calls, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 2));
    calls[0]?.pass();
    await settle();
    calls[1]?.pass();
    await settle();
    lane.standing.committedUpTo(2);
    lane.standing.committedUpTo(1);
    expect(lane.committed).toBe(2);
    expect(toCommit()).toBeUndefined();
  });

  it('is nothing while it is held and after it was closed, for another member may own the partition', async () => {
    const { lane, calls, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 2));
    calls[0]?.pass();
    await settle();
    expect(toCommit()).toBe(1);
    lane.hold();
    expect(toCommit()).toBeUndefined();
    lane.open(startAt(0, 'm'));
    expect(toCommit()).toBe(1);
    void lane.close('test');
    expect(toCommit()).toBeUndefined();
    calls[1]?.pass();
  });

  it('is told once until it was asked for: not once a record', async () => {
    const { lane, calls, asked, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 5));
    for (let i = 0; i < 3; i++) {
      calls[i]?.pass();
      await settle();
    }
    expect(asked).toEqual(['later']);
    expect(toCommit()).toBe(3);
    calls[3]?.pass();
    await settle();
    expect(asked).toEqual(['later', 'later']);
    calls[4]?.pass();
    await settle();
    // Nothing is left to wait for
    expect(asked).toEqual(['later', 'later', 'soon']);
  });

  it('is not told at the end of its work where nothing has finished', async () => {
    let acknowledge = () => {};
    const publish = () =>
      new Promise<void>((resolve) => {
        acknowledge = resolve;
      });
    const handler = () => {
      throw new PermanentError('x');
    };
    const { lane, clock, asked, toCommit } = openAt(0, { handler, publish });
    lane.push([recordAt(0)]);
    await clock.advance(1_000);
    expect(asked).toEqual([]);
    acknowledge();
    await settle();
    expect(asked).toEqual(['soon']);
    expect(toCommit()).toBe(1);
  });

  it('is not told of a copy that is acknowledged after the partition was lost', async () => {
    let acknowledge = () => {};
    const publish = () =>
      new Promise<void>((resolve) => {
        acknowledge = resolve;
      });
    const handler = () => {
      throw new PermanentError('x');
    };
    const { lane, clock, asked } = openAt(0, { handler, publish });
    lane.push([recordAt(0)]);
    await clock.advance(100);
    void lane.close('test');
    acknowledge();
    await settle();
    expect(asked).toEqual([]);
  });
});

describe('one record at a time', () => {
  it('also when more comes while a handler runs', async () => {
    const { lane, calls, seen } = openAt(0);
    lane.push([recordAt(0)]);
    lane.push([recordAt(1)]);
    await settle();
    expect(seen()).toEqual([0]);
    calls[0]?.pass();
    await settle();
    expect(seen()).toEqual([0, 1]);
    calls[1]?.pass();
  });

  it('takes in what is new only, and nothing below its position', async () => {
    const handled: number[] = [];
    const { lane } = openAt(5, { handler: (record) => handled.push(offsetOf(record)) });
    lane.push(recordsFrom(3, 4));
    lane.push(recordsFrom(4, 4));
    await settle();
    expect(handled).toEqual([5, 6, 7]);
  });

  it('synchronous handlers run as records come in, without a turn between', () => {
    const handled: number[] = [];
    const { lane } = openAt(0, { handler: (record) => handled.push(offsetOf(record)) });
    lane.push(recordsFrom(0, 50));
    expect(handled).toHaveLength(50);
  });

  it('records that a client gives when it is resumed come behind those that are handed on at this moment', () => {
    const handled: number[] = [];
    const { lane, host } = laneInTest({
      bufferRecords: 4,
      handler: (record) => handled.push(offsetOf(record)),
    });
    Object.assign(host, { resume: () => lane.push(recordsFrom(6, 2)) });
    lane.push(recordsFrom(0, 6));
    lane.open(startAt(0));
    expect(handled).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(lane.position).toBe(8);
  });

  it('records that a client gives when the last one has ended are begun as well', () => {
    const handled: number[] = [];
    const { lane, host } = laneInTest({
      bufferRecords: 1,
      // Less than three of them: the last one's own memory keeps its partition paused until it has ended.
      totalBytes: 2_500,
      handler: (record) => handled.push(offsetOf(record)),
    });
    const large = (from: number) =>
      recordsFrom(from, 2).map((record) => ({ ...record, value: Buffer.alloc(1_000) }));
    let resumes = 0;
    Object.assign(host, {
      resume: () => {
        if (resumes++ === 0) lane.push(large(2));
      },
    });
    lane.push(large(0));
    lane.open(startAt(0));
    expect(handled).toEqual([0, 1, 2, 3]);
    expect(lane.position).toBe(4);
  });

  it.each([
    { busy: 0, atOnce: 200 },
    { busy: 5, atOnce: 200 },
    { busy: 6, atOnce: 16 },
  ])('a handler that never waits gives way after 5 ms, seen every 16 records: $busy ms', async (row) => {
    const handled: number[] = [];
    const { lane, clock } = openAt(0, {
      handler: (record) => handled.push(offsetOf(record)),
    });
    // As if the first record had kept the processor busy
    const begin = clock.now();
    clock.now = () => begin + (handled.length > 0 ? row.busy : 0);
    lane.push(recordsFrom(0, 200));
    expect(handled).toHaveLength(row.atOnce);
    await settle();
    expect(handled).toHaveLength(200);
  });
});

describe('backpressure', () => {
  const bytes = (count: number) => recordAt(count, { key: Buffer.alloc(300), value: Buffer.alloc(500) });

  it('pauses above the limit of records, once, and resumes at half of it', async () => {
    const { lane, calls, flow } = openAt(0, { bufferRecords: 4 });
    lane.push(recordsFrom(0, 1));
    lane.push(recordsFrom(1, 4));
    expect([lane.queued, lane.paused, flow]).toEqual([4, false, []]);
    lane.push(recordsFrom(5, 1));
    expect([lane.queued, lane.paused, flow]).toEqual([5, true, ['pause']]);
    lane.push(recordsFrom(6, 1));
    expect(flow).toEqual(['pause']);
    for (let i = 0; i < 3; i++) {
      calls[i]?.pass();
      await settle();
    }
    expect([lane.queued, flow]).toEqual([3, ['pause']]);
    calls[3]?.pass();
    await settle();
    expect([lane.queued, lane.paused, flow]).toEqual([2, false, ['pause', 'resume']]);
    calls[4]?.pass();
    await settle();
    expect(flow).toEqual(['pause', 'resume']);
  });

  it('pauses above the limit of bytes, and resumes at half of it', async () => {
    // A record weighs 800 and 500 for the objects around it
    const { lane, calls, flow } = openAt(0, { bufferBytes: 5_200 });
    lane.push([bytes(0)]);
    lane.push([1, 2, 3, 4].map(bytes));
    expect(flow).toEqual([]);
    lane.push([bytes(5)]);
    expect(flow).toEqual(['pause']);
    for (let i = 0; i < 2; i++) {
      calls[i]?.pass();
      await settle();
    }
    expect([lane.queued, flow]).toEqual([3, ['pause']]);
    calls[2]?.pass();
    await settle();
    expect([lane.queued, flow]).toEqual([2, ['pause', 'resume']]);
  });

  it('opening it over what the buffer holds no more resumes it', () => {
    const { handler } = gate();
    const { lane, flow } = laneInTest({ handler, bufferRecords: 2 });
    lane.push(recordsFrom(0, 4));
    expect(flow).toEqual(['pause']);
    lane.open(startAt(3));
    expect(flow).toEqual(['pause', 'resume']);
  });
});

describe('copies under way', () => {
  const full = () => {
    const tried: number[] = [];
    const acknowledge: (() => void)[] = [];
    const test = openAt(0, {
      bufferRecords: 10_000,
      // All of them are to become dead letters.
      flow: { guard: false },
      handler: (record) => {
        tried.push(offsetOf(record));
        throw new PermanentError('x');
      },
      publish: () => new Promise((resolve) => acknowledge.push(() => resolve(undefined))),
    });
    test.lane.push(recordsFrom(0, 1_002));
    return { ...test, tried, acknowledge };
  };

  it('are 1,000 at most to one partition: then the lane waits for room', async () => {
    const { tried, acknowledge } = full();
    await settle();
    expect(tried).toHaveLength(1_000);
    while (acknowledge.length > 0) {
      for (const tell of acknowledge.splice(0)) tell();
      await settle();
    }
    expect(tried).toHaveLength(1_002);
  });

  it('keep no lane from its end while it waits for room', async () => {
    const { lane, tried } = full();
    await settle();
    await lane.close('test');
    await settle();
    expect(tried).toHaveLength(1_000);
  });
});

describe('phases', () => {
  it('a closed or draining lane takes nothing in', async () => {
    for (const end of ['close', 'drain'] as const) {
      const { lane, seen, flow } = openAt(0, { bufferRecords: 1 });
      void (end === 'close' ? lane.close('test') : lane.drain());
      lane.push(recordsFrom(0, 5));
      await settle();
      expect([lane.queued, flow, seen()]).toEqual([0, [], []]);
    }
  });

  it('a closed lane stays closed, whatever is called late', async () => {
    for (const late of ['hold', 'rest', 'drain'] as const) {
      const { lane } = openAt(0);
      void lane.close('test');
      void lane[late]();
      lane.hold();
      lane.open(startAt(0));
      expect(lane.closed).toBe(true);
    }
  });

  it('a draining lane starts nothing more, also when an assignment comes late', async () => {
    const { lane, calls, seen } = openAt(0);
    lane.push(recordsFrom(0, 2));
    let drained = false;
    void lane.drain().then(() => {
      drained = true;
    });
    lane.hold();
    lane.open(startAt(0));
    await settle();
    expect(drained).toBe(false);
    calls[0]?.pass();
    await settle();
    expect(drained).toBe(true);
    expect(seen()).toEqual([0]);
  });

  it('a lane that never worked has drained at once', async () => {
    const { lane } = openAt(0);
    await expect(lane.drain()).resolves.toBeUndefined();
    await expect(lane.close('test')).resolves.toBeUndefined();
  });

  it('a held lane that may be taken away stays held: nothing is committed', async () => {
    const { lane, calls, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 2));
    calls[0]?.pass();
    await settle();
    lane.hold();
    void lane.rest();
    expect(toCommit()).toBeUndefined();
    calls[1]?.pass();
  });

  it('a resting lane starts nothing new, but what has finished is committed', async () => {
    const { lane, calls, seen, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 2));
    let rested = false;
    void lane.rest().then(() => {
      rested = true;
    });
    await settle();
    expect(rested).toBe(false);
    calls[0]?.pass();
    await settle();
    expect([rested, seen(), toCommit()]).toEqual([true, [0], 1]);
    lane.hold();
    lane.open(startAt(0));
    expect(seen()).toEqual([0, 1]);
    calls[1]?.pass();
  });

  it('opens once: a second position changes nothing', async () => {
    const { lane, seen } = openAt(0);
    lane.open(startAt(10, 'other'));
    expect(lane.position).toBe(0);
    lane.push([recordAt(0)]);
    expect(seen()).toEqual([0]);
  });

  it('tells on opening what has finished meanwhile, and only that', async () => {
    const { lane, calls, asked, toCommit } = openAt(0);
    expect(asked).toEqual([]);
    lane.push(recordsFrom(0, 2));
    calls[0]?.pass();
    await settle();
    expect(toCommit()).toBe(1);
    lane.standing.committedUpTo(1);
    lane.hold();
    calls[1]?.pass();
    await settle();
    expect(toCommit()).toBeUndefined();
    asked.length = 0;
    lane.open(startAt(1));
    expect(asked).toEqual(['later']);
    expect(toCommit()).toBe(2);
    lane.standing.committedUpTo(2);
    lane.hold();
    asked.length = 0;
    lane.open(startAt(2));
    expect(asked).toEqual([]);
  });

  it('aborts what runs when it is closed, with a code', async () => {
    const { lane, calls } = openAt(0);
    lane.push([recordAt(0)]);
    const signal = calls[0]?.context.signal as AbortSignal;
    void lane.close('The partition was taken.');
    expect(signal.reason).toMatchObject({
      code: 'VELO_ABORTED',
      message: expect.stringMatching(/^The partition was taken\. .*comes again/),
    });
    calls[0]?.pass();
  });

  it('halts the consumer when a record cannot be taken care of, and says why', async () => {
    const cause = new Error('no headers');
    const { lane, halted } = openAt(0, { handler: () => Promise.reject(new PermanentError('x')) });
    const unreadable = () => {
      throw cause;
    };
    const headers = { get: unreadable, all: unreadable, [Symbol.iterator]: unreadable };
    lane.push([{ ...recordAt(0), headers }]);
    await settle();
    expect(halted).toMatchObject([{ code: 'VELO_CONSUMER_DEAD', cause }]);
  });
});

describe('a wait in place', () => {
  const failing = (ms: number, attempts: number[]) => ({
    retry: inPlace(ms),
    handler: (record: Parameters<typeof offsetOf>[0]) => {
      if (attempts.push(offsetOf(record)) === 1) throw new Error('x');
    },
  });

  it('lasts as long as the strategy says', async () => {
    const attempts: number[] = [];
    const { lane, clock } = openAt(0, failing(1_000, attempts));
    lane.push(recordsFrom(0, 2));
    await clock.advance(999);
    expect(attempts).toEqual([0]);
    await clock.advance(1);
    expect(attempts).toEqual([0, 0, 1]);
  });

  it.each(['close', 'drain'] as const)('ends with the lane: %s', async (end) => {
    const attempts: number[] = [];
    const { lane, clock } = openAt(0, failing(60_000, attempts));
    lane.push([recordAt(0)]);
    await settle();
    let ended = false;
    const ending = end === 'close' ? lane.close('test') : lane.drain();
    void ending.then(() => {
      ended = true;
    });
    await settle();
    expect(ended).toBe(true);
    await clock.advance(60_000);
    expect(attempts).toEqual([0]);
    expect(clock.pending).toBe(0);
    expect(lane.position).toBe(0);
  });

  it('that is over starts nothing while the lane is held, and goes on at once when it is opened', async () => {
    const attempts: number[] = [];
    const { lane, clock } = openAt(0, failing(100, attempts));
    lane.push([recordAt(0)]);
    await settle();
    lane.hold();
    await clock.advance(60_000);
    expect(attempts).toEqual([0]);
    expect(clock.pending).toBe(0);
    lane.open(startAt(0));
    await settle();
    expect(attempts).toEqual([0, 0]);
  });

  it('goes on after another assignment, no longer than it was', async () => {
    const attempts: number[] = [];
    const { lane, clock } = openAt(0, failing(1_000, attempts));
    lane.push([recordAt(0)]);
    await clock.advance(400);
    lane.hold();
    await clock.advance(100);
    lane.open(startAt(0));
    await clock.advance(499);
    expect(attempts).toEqual([0]);
    await clock.advance(1);
    expect(attempts).toEqual([0, 0]);
  });

  it('ends without another attempt when another member has committed the record meanwhile', async () => {
    const attempts: number[] = [];
    const { lane, clock, toCommit } = openAt(0, failing(1_000, attempts));
    lane.push(recordsFrom(0, 2));
    await clock.advance(100);
    lane.hold();
    lane.open(startAt(1));
    await clock.advance(10_000);
    expect(attempts).toEqual([0, 1]);
    expect(toCommit()).toBe(2);
  });
});

describe('the first opening of a lane', () => {
  it('after a seek takes all from there on as it is delivered again', async () => {
    const handled: number[] = [];
    const { lane } = laneInTest({ handler: (record) => handled.push(offsetOf(record)) });
    lane.push(recordsFrom(100, 10));
    lane.open({ ...startAt(20), seek: true });
    lane.push(recordsFrom(20, 3));
    await settle();
    expect(handled).toEqual([20, 21, 22]);
  });

  it('without one keeps what has come before it', async () => {
    const handled: number[] = [];
    const { lane } = laneInTest({ handler: (record) => handled.push(offsetOf(record)) });
    lane.push(recordsFrom(20, 2));
    lane.open(startAt(20));
    lane.push(recordsFrom(20, 3));
    await settle();
    expect(handled).toEqual([20, 21, 22]);
  });
});

describe('a log whose beginning was deleted while the lane was held', () => {
  it('keeps what was fetched of it, and goes on where it begins now', async () => {
    const { lane, calls, seen, toCommit } = openAt(0);
    lane.push(recordsFrom(0, 2));
    lane.hold();
    lane.open({ offset: 8, done: 0, metadata: '', seek: true });
    lane.push(recordsFrom(5, 4));
    expect([lane.accepted, lane.committed]).toEqual([9, 8]);
    for (let i = 0; i < 3; i++) {
      expect(toCommit()).toBeUndefined();
      calls[i]?.pass();
      await settle();
    }
    expect(seen()).toEqual([0, 1, 8]);
    expect(toCommit()).toBe(9);
  });
});
