import { beforeEach, describe, expect, it } from 'vitest';
import { FetchTimes } from '../src/attempts/fetch-times.js';
import { VirtualClock } from './support/virtual-clock.js';

let clock: VirtualClock;
let times: FetchTimes;

beforeEach(() => {
  clock = new VirtualClock();
  times = new FetchTimes(clock);
});

const present = () => ({ now: clock.now(), wallTime: clock.wallTime() });

describe('fetch times', () => {
  it('are those of the fetch that a record came in, by both readings', async () => {
    const first = present();
    times.add(0, 3);
    await clock.advance(1_000);
    clock.stepWall(-60_000);
    const second = present();
    times.add(3, 5);
    await clock.advance(1_000);
    expect([0, 2, 3, 4].map((offset) => times.take(offset))).toMatchObject([first, first, second, second]);
  });

  it('of a record that nobody has told of are the present', async () => {
    expect(times.take(7)).toEqual(present());
    times.add(0, 3);
    await clock.advance(1_000);
    expect(times.take(3)).toEqual(present());
  });

  it('of a log that begins again are its own: an older fetch would make its records early', async () => {
    times.add(0, 3);
    times.add(3, 90);
    await clock.advance(1_000);
    const again = present();
    times.add(0, 5);
    await clock.advance(1_000);
    expect(times.take(2)).toMatchObject(again);
  });
});
