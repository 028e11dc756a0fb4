import { expect, it } from 'vitest';
import { Rate } from '../../src/flow/rate.js';
import { StartQueue } from '../../src/flow/start-queue.js';
import { VirtualClock } from '../support/virtual-clock.js';

function setUp() {
  const clock = new VirtualClock();
  const rate = new Rate({ perSecond: 10, burst: 1 });
  const state = { awaitsRate: true };
  const queue = new StartQueue({ rate, clock, awaitsRateAlone: () => state.awaitsRate });
  const woken: string[] = [];
  /** As whoever starts: pays the rate, or asks again. */
  const add = (name: string) => {
    const ask = () => {
      if (rate.wait(clock.now()) > 0) return queue.add(ask);
      rate.take(1, clock.now());
      woken.push(`${name} at ${Math.round(clock.now() / 100) * 100}`);
      return () => {};
    };
    return ask();
  };
  return { clock, queue, state, woken, add, start: clock.now() };
}

it('wakes those who wait for the rate one by one, in the order they came', async () => {
  const { clock, queue, woken, add, start } = setUp();
  for (const name of ['a', 'b', 'c']) add(name);
  expect(queue.isEmpty).toBe(false);
  await clock.advance(1_000);
  const at = (ms: number) => Math.round((start + ms) / 100) * 100;
  expect(woken).toEqual([`a at ${at(0)}`, `b at ${at(100)}`, `c at ${at(200)}`]);
  expect(queue.isEmpty).toBe(true);
  expect(clock.pending).toBe(0);
});

it('does not wake who has been forgotten', async () => {
  const { clock, woken, add } = setUp();
  add('a');
  const forget = add('b');
  add('c');
  forget();
  await clock.advance(1_000);
  expect(woken.map((text) => text[0])).toEqual(['a', 'c']);
});

it('leaves no timer while something else holds, nor after its end', async () => {
  const held = setUp();
  held.add('a');
  held.state.awaitsRate = false;
  held.add('b');
  await held.clock.advance(1_000);
  expect(held.clock.pending).toBe(0);
  expect(held.woken).toHaveLength(1);
  held.queue.wakeAll();
  expect(held.woken).toHaveLength(2);

  const closed = setUp();
  closed.add('a');
  closed.add('b');
  closed.queue.close();
  expect(closed.clock.pending).toBe(0);
  closed.add('c');
  expect(closed.clock.pending).toBe(0);
});

it('asks as many as may start, when they may, and nobody else', async () => {
  const clock = new VirtualClock();
  const rate = new Rate({ perSecond: 10, burst: 1 });
  rate.take(1, clock.now());
  const queue = new StartQueue({ rate, clock, awaitsRateAlone: () => true });
  const start = clock.now();
  const asked: number[] = [];
  for (let i = 0; i < 5; i++)
    queue.add(() => {
      asked.push(Math.round(clock.now() - start));
      rate.take(1, clock.now());
    });
  await clock.advance(1_000);
  expect(asked).toEqual([100, 200, 300, 400, 500]);
  expect(clock.pending).toBe(0);
});

it('without a rate waits for whoever ends what holds', async () => {
  const clock = new VirtualClock();
  const queue = new StartQueue({ rate: undefined, clock, awaitsRateAlone: () => true });
  let asked = 0;
  queue.add(() => asked++);
  await clock.advance(1_000);
  expect([asked, clock.pending]).toEqual([0, 0]);
  queue.wakeAll();
  expect(asked).toBe(1);
});
