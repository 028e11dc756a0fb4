import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createVeloOn, type Velo } from '../src/velo.js';
import { MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

let cluster: MemoryCluster;
let clock: VirtualClock;
let velo: Velo;
let lists: number;

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  lists = 0;
  cluster.create('orders');
  const open = () => {
    const client = cluster.open();
    return {
      ...client,
      listTopics: () => {
        lists++;
        return client.listTopics();
      },
    };
  };
  velo = createVeloOn(open, { clock, env: {}, logger: { info() {}, warn() {}, error() {} } });
});

afterEach(() => velo.close());

const consumer = (groupId: string) => velo.consumer({ groupId, topics: ['orders'], handler: () => {} });

it('a consumer and a producer that were stopped are forgotten', async () => {
  const stopped = consumer('billing');
  const running = consumer('shipping');
  const [disconnected, connected] = [velo.producer(), velo.producer()];
  const starting = Promise.all([stopped.start(), running.start()]);
  await clock.advance(1_000);
  await starting;
  const stopping = Promise.all([stopped.stop(), disconnected.disconnect()]);
  await clock.advance(1_000);
  await stopping;
  const ends = [stopped, running].map((one) => vi.spyOn(one, 'stop'));
  ends.push(...[disconnected, connected].map((one) => vi.spyOn(one, 'disconnect')));
  const closing = velo.close();
  await clock.advance(1_000);
  await closing;
  expect(ends.map((end) => end.mock.calls.length)).toEqual([0, 1, 0, 1]);
});

it('consumers that start side by side ask for one list of topics', async () => {
  const starting = Promise.all(['a', 'b', 'c'].map((group) => consumer(group).start()));
  await clock.advance(1_000);
  await starting;
  expect(lists).toBe(1);
  const late = consumer('d').start();
  await clock.advance(1_000);
  await late;
  expect(lists).toBe(2);
  const closing = velo.close();
  await clock.advance(1_000);
  await closing;
});
