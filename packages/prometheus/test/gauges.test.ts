import { Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { prometheus } from '../src/prometheus.js';
import { Observed } from './support/observed.js';
import { scrape } from './support/scrape.js';

const TIER = 'orders-billing-retry-5s';
const partition = (topic: string, of: object) => ({
  topic,
  partition: 0,
  position: 0,
  committed: 0,
  queued: 0,
  paused: false,
  handlers: 0,
  handlerRunning: 0,
  ...of,
});

let register: Registry;
let observer: ReturnType<typeof prometheus>;
let consumer: Observed;

beforeEach(() => {
  register = new Registry();
  observer = prometheus({ register });
  consumer = new Observed(observer);
});

const sample = async (name: string) => (await scrape(register)).get(`velo_${name}`);

describe('gauges', () => {
  it('tell the lag of sources and tiers by partition, and how old it is', async () => {
    consumer.lags = [
      { topic: 'orders', partition: 0, records: 40, age: 2_000 },
      { topic: 'orders', partition: 1, records: 2, age: 9_500 },
      { topic: TIER, partition: 0, records: 7, age: 0 },
    ];
    expect(await sample('lag_records{group="billing",partition="1",tier="0",topic="orders"}')).toBe(2);
    expect(await sample('lag_records{group="billing",partition="0",tier="1",topic="orders"}')).toBe(7);
    expect(await sample('lag_age_seconds{group="billing"}')).toBe(9.5);
  });

  it('tell what is buffered, what runs, and for how long', async () => {
    consumer.buffers = [
      { topic: 'orders', partition: 0, records: 10, bytes: 1_000 },
      { topic: 'orders', partition: 1, records: 5, bytes: 500 },
      { topic: TIER, partition: 0, records: 1, bytes: 9 },
    ];
    consumer.set({
      pendingHandOffs: 3,
      partitions: [
        partition('orders', { handlers: 2, handlerRunning: 4_000, paused: true }),
        partition('orders', { handlers: 1, handlerRunning: 61_000 }),
        partition(TIER, {}),
      ],
    });
    const of = 'group="billing",tier="0",topic="orders"';
    const samples = await scrape(register);
    expect(samples.get(`velo_buffered_records{${of}}`)).toBe(15);
    expect(samples.get(`velo_buffered_bytes{${of}}`)).toBe(1_500);
    expect(samples.get(`velo_running_handlers{${of}}`)).toBe(3);
    expect(samples.get(`velo_oldest_handler_age_seconds{${of}}`)).toBe(61);
    expect(samples.get(`velo_assigned_partitions{${of}}`)).toBe(2);
    expect(samples.get(`velo_paused_partitions{${of}}`)).toBe(1);
    expect(samples.get('velo_assigned_partitions{group="billing",tier="1",topic="orders"}')).toBe(1);
    expect(samples.get('velo_pending_copies{group="billing"}')).toBe(3);
  });

  it('tell what holds a source, and that nothing does any more', async () => {
    const held = (reason: string) => `held_sources{group="billing",reason="${reason}",topic="orders"}`;
    consumer.set({ held: [{ topic: 'orders', reason: 'guard', since: 1 }] });
    expect(await sample(held('guard'))).toBe(1);
    expect(await sample(held('user'))).toBe(0);
    consumer.set({ held: [] });
    expect(await sample(held('guard'))).toBe(0);
  });

  it('tell of retry budget and circuit only where there are some', async () => {
    expect(await sample('retry_budget_tokens{group="billing",topic="orders"}')).toBeUndefined();
    expect(await sample('circuit_breakers{group="billing",state="open",topic="orders"}')).toBeUndefined();
    consumer.sources = [{ topic: 'orders', retryBudget: 2.5, breaker: 'half-open' }];
    const of = (state: string) => `circuit_breakers{group="billing",state="${state}",topic="orders"}`;
    expect(await sample('retry_budget_tokens{group="billing",topic="orders"}')).toBe(2.5);
    expect([await sample(of('closed')), await sample(of('open')), await sample(of('half-open'))]).toEqual([
      0, 0, 1,
    ]);
  });

  it('tell the state of health, whether it is live and ready, and when a broker last answered', async () => {
    consumer.set({ state: 'disconnected', live: true, ready: false } as never);
    consumer.sinceContact = 6_000;
    expect(await sample('consumers{group="billing",state="disconnected"}')).toBe(1);
    expect(await sample('consumers{group="billing",state="running"}')).toBe(0);
    expect(await sample('live_consumers{group="billing"}')).toBe(1);
    expect(await sample('ready_consumers{group="billing"}')).toBe(0);
    expect(await sample('broker_contact_age_seconds{group="billing"}')).toBe(6);
  });

  it('tell how many partitions nobody reads', async () => {
    consumer.set({ unread: [{ topic: 'orders', partition: 3 }] });
    expect(await sample('unread_partitions{group="billing",topic="orders"}')).toBe(1);
  });

  it('of consumers of one group are added up; of ages the greatest counts', async () => {
    const second = new Observed(observer);
    consumer.set({ partitions: [partition('orders', { handlers: 1, handlerRunning: 9_000 })] });
    second.set({ partitions: [partition('orders', { handlers: 2, handlerRunning: 1_000 })] });
    const of = 'group="billing",tier="0",topic="orders"';
    expect(await sample(`running_handlers{${of}}`)).toBe(3);
    expect(await sample(`oldest_handler_age_seconds{${of}}`)).toBe(9);
  });

  it('of partitions that have gone are gone', async () => {
    consumer.lags = [{ topic: 'orders', partition: 0, records: 40, age: 0 }];
    const lag = 'lag_records{group="billing",partition="0",tier="0",topic="orders"}';
    expect(await sample(lag)).toBe(40);
    consumer.lags = [];
    expect(await sample(lag)).toBeUndefined();
  });

  it('of a consumer that was stopped are gone; one that has died is shown until its group has another', async () => {
    const state = (name: string) => `consumers{group="billing",state="${name}"}`;
    consumer.set({ state: 'stopped' });
    consumer.tell('stopped', { finished: true });
    expect(await sample(state('running'))).toBeUndefined();
    const second = new Observed(observer);
    second.set({ state: 'dead' });
    second.tell('stopped', { finished: true });
    expect(await sample(state('dead'))).toBe(1);
    new Observed(observer);
    expect(await sample(state('dead'))).toBe(0);
    expect(await sample(state('running'))).toBe(1);
  });

  it('of one scrape are from one reading, and nobody is asked when nobody scrapes', async () => {
    expect(consumer.asked).toBe(0);
    await Promise.all([register.metrics(), register.metrics()]);
    expect(consumer.asked).toBe(1);
  });
});
