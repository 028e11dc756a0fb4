import { beforeEach, describe, expect, it } from 'vitest';
import type { PartitionOffset } from '../src/binding/binding.js';
import { type Committable, Committer } from '../src/offsets/committer.js';
import { settle, VirtualClock } from './support/virtual-clock.js';

/** A partition whose position the test moves. */
class Prefix implements Committable {
  position = 0;
  committed = 0;
  readonly partition: number;

  constructor(partition = 0) {
    this.partition = partition;
  }

  takeCommit(): PartitionOffset | undefined {
    const { partition, position: offset } = this;
    return offset > this.committed ? { topic: 'orders', partition, offset } : undefined;
  }

  committedUpTo(offset: number): void {
    this.committed = offset;
  }
}

const INTERVAL = 250;
let clock: VirtualClock;
let begin: number;
let commits: { at: number; offsets: number[] }[];
let failures: { at: number; error: unknown }[];
let commit: () => Promise<void>;
let committer: Committer;
let prefix: Prefix;

beforeEach(() => {
  clock = new VirtualClock();
  begin = clock.now();
  commits = [];
  failures = [];
  commit = async () => {};
  committer = new Committer({
    clock,
    interval: INTERVAL,
    onFailure: (error) => failures.push({ at: clock.now() - begin, error }),
    commit: (offsets) => {
      commits.push({ at: clock.now() - begin, offsets: offsets.map(({ offset }) => offset) });
      return commit();
    },
  });
  prefix = new Prefix();
});

function finish(when: 'later' | 'soon', one = prefix): void {
  one.position++;
  committer[when](one);
}

const times = () => commits.map(({ at }) => at);
/** A commit that is not answered before the test says so. */
function hanging() {
  let answer: (error?: unknown) => void = () => {};
  commit = () =>
    new Promise((resolve, reject) => {
      answer = (error) => (error === undefined ? resolve() : reject(error));
    });
  return { answer: (error?: unknown) => answer(error) };
}

describe('while a commit is under way', () => {
  it('what is to be committed meanwhile goes with one commit, as soon as that is answered', async () => {
    const { answer } = hanging();
    finish('soon');
    for (let i = 0; i < 40; i++) {
      await clock.advance(100);
      finish('soon');
    }
    expect(commits).toHaveLength(1);
    answer();
    await clock.advance(50);
    expect(commits.map(({ offsets }) => offsets)).toEqual([[1], [41]]);
  });

  it('and fails, it is tried again after its wait, once', async () => {
    const { answer } = hanging();
    finish('soon');
    for (let i = 0; i < 40; i++) {
      await clock.advance(100);
      finish('soon');
    }
    answer(new Error('expelled'));
    await clock.advance(99);
    expect(commits).toHaveLength(1);
    await clock.advance(1);
    expect(commits).toHaveLength(2);
  });
});

const waits = () => failures.map(({ at }, i) => at - (failures[i - 1]?.at ?? 0));

describe('when a commit comes', () => {
  it('is an interval after the first that has finished, together with the others', async () => {
    finish('later');
    await clock.advance(100);
    finish('later');
    finish('later', new Prefix(1));
    await clock.advance(INTERVAL - 101);
    expect(commits).toEqual([]);
    await clock.advance(1);
    expect(commits).toEqual([{ at: INTERVAL, offsets: [2, 1] }]);
    expect(prefix.committed).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('is soon where nothing more is at hand, also if a later one was planned', async () => {
    finish('later');
    finish('soon');
    await clock.advance(9);
    expect(commits).toEqual([]);
    await clock.advance(1);
    expect(commits).toEqual([{ at: 10, offsets: [2] }]);
    expect(clock.pending).toBe(0);
  });

  it('is not put off by what finishes later', async () => {
    finish('soon');
    await clock.advance(5);
    finish('soon');
    finish('later');
    await clock.advance(5);
    expect(times()).toEqual([10]);
    expect(clock.pending).toBe(0);
  });

  it('is 50 ms after the one before, at the earliest', async () => {
    finish('soon');
    await clock.advance(10);
    finish('soon');
    await clock.advance(49);
    expect(times()).toEqual([10]);
    await clock.advance(1);
    expect(times()).toEqual([10, 60]);
    await clock.advance(1_000);
    finish('soon');
    await clock.advance(10);
    expect(times()).toEqual([10, 60, 1_070]);
  });

  it('never is while another is under way; what has finished meanwhile follows', async () => {
    let pass = () => {};
    commit = () =>
      new Promise((resolve) => {
        pass = resolve;
      });
    finish('soon');
    await clock.advance(10);
    finish('soon');
    await clock.advance(1_000);
    expect(commits).toHaveLength(1);
    pass();
    await settle();
    expect(commits.map(({ offsets }) => offsets)).toEqual([[1], [2]]);
    pass();
    await settle();
    expect(prefix.committed).toBe(2);
    expect(clock.pending).toBe(0);
  });

  it('is not hurried by the end of the one before', async () => {
    let pass = () => {};
    commit = () =>
      new Promise((resolve) => {
        pass = resolve;
      });
    finish('soon');
    await clock.advance(10);
    finish('later');
    await clock.advance(10);
    pass();
    await clock.advance(INTERVAL - 11);
    expect(times()).toEqual([10]);
    await clock.advance(1);
    expect(times()).toEqual([10, 10 + INTERVAL]);
    pass();
    await settle();
  });

  it('asks for nothing where nothing may be committed any more', async () => {
    committer.soon(prefix);
    await clock.advance(1_000);
    expect(commits).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe('flush', () => {
  it('commits at once, and nothing is left to come', async () => {
    finish('later');
    await committer.flush();
    expect(commits).toEqual([{ at: 0, offsets: [1] }]);
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(commits).toHaveLength(1);
  });

  it('waits for the one that is under way, and then commits the rest itself', async () => {
    const passes: (() => void)[] = [];
    commit = () => new Promise((resolve) => passes.push(resolve));
    finish('soon');
    await clock.advance(10);
    finish('soon');
    let flushed = false;
    void committer.flush().then(() => {
      flushed = true;
    });
    await settle();
    expect(commits).toHaveLength(1);
    passes[0]?.();
    await settle();
    expect([flushed, commits.length]).toEqual([false, 2]);
    passes[1]?.();
    await settle();
    expect(flushed).toBe(true);
    expect(prefix.committed).toBe(2);
  });

  it('resolves where the commit fails', async () => {
    commit = () => Promise.reject(new Error('x'));
    finish('soon');
    await expect(committer.flush()).resolves.toBeUndefined();
    expect(failures).toHaveLength(1);
    committer.close();
  });
});

describe('a commit that fails', () => {
  beforeEach(() => {
    commit = () => Promise.reject(new Error('x'));
  });

  it('is told, and tried again after 100, 200, 400 ms and so on, at most 5 s', async () => {
    finish('soon');
    await clock.advance(60_000);
    expect(waits().slice(0, 9)).toEqual([10, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
    expect(committer.failing).toBe(true);
    expect(prefix.committed).toBe(0);
    committer.close();
  });

  it('is not hurried by what finishes meanwhile', async () => {
    finish('soon');
    await clock.advance(10 + 100 + 200 + 400);
    expect(commits).toHaveLength(4);
    finish('soon');
    finish('later');
    await clock.advance(799);
    expect(commits).toHaveLength(4);
    await clock.advance(1);
    expect(commits).toHaveLength(5);
    committer.close();
  });

  it('does not fail any more once one was made, and commits come as before', async () => {
    finish('soon');
    await clock.advance(10);
    commit = async () => {};
    await clock.advance(100);
    expect(committer.failing).toBe(false);
    expect(prefix.committed).toBe(1);
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    commits = [];
    finish('soon');
    await clock.advance(10);
    expect(times()).toEqual([1_120]);
  });

  it('does not fail any more where nothing is left of it: the partition has gone', async () => {
    finish('soon');
    await clock.advance(10);
    prefix.committed = 99;
    await clock.advance(100);
    expect(committer.failing).toBe(false);
    expect(commits).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('comes at once, not after its wait, when the member has joined anew', async () => {
    finish('soon');
    await clock.advance(5_000);
    commit = async () => {};
    commits = [];
    committer.renew();
    expect(committer.failing).toBe(false);
    await clock.advance(9);
    expect(commits).toEqual([]);
    await clock.advance(1);
    expect(commits).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

it('a member that joins anew hurries nothing where no commit has failed', async () => {
  finish('later');
  committer.renew();
  await clock.advance(INTERVAL - 1);
  expect(commits).toEqual([]);
  committer.close();
});

it('what is closed commits nothing more', async () => {
  finish('soon');
  committer.close();
  committer.close();
  expect(clock.pending).toBe(0);
  await clock.advance(1_000);
  await committer.flush();
  expect(commits).toEqual([]);
});
