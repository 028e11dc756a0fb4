import { Counter, Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';
import { METRICS } from '../src/metrics.js';
import { type PrometheusObserver, prometheus } from '../src/prometheus.js';
import { failure, Observed, record } from './support/observed.js';
import { scrape } from './support/scrape.js';

const TIER = 'orders-billing-retry-5s';

let register: Registry;
let observer: PrometheusObserver;
let consumer: Observed;

beforeEach(() => {
  register = new Registry();
  observer = prometheus({ register });
  consumer = new Observed(observer);
});

describe('attempts', () => {
  it('are counted by how they end, and whether they are the first', async () => {
    consumer.attempt([{}], ['success']);
    consumer.attempt([{}], ['success']);
    consumer.attempt([{ totalAttempts: 2, attempt: 2 }], ['success']);
    consumer.attempt([{}], [failure()]);
    consumer.attempt([{}], [failure({ timedOut: true, category: 'Unknown' })]);
    const samples = await scrape(register);
    const of = (labels: string) => samples.get(`velo_attempts_total{${labels},tier="0",topic="orders"}`);
    expect(of('category="none",first="true",group="billing",outcome="success"')).toBe(2);
    expect(of('category="none",first="false",group="billing",outcome="success"')).toBe(1);
    expect(of('category="NetworkIssue",first="true",group="billing",outcome="failure"')).toBe(1);
    expect(of('category="Unknown",first="true",group="billing",outcome="timeout"')).toBe(1);
  });

  it('of tiers are counted for their source', async () => {
    consumer.attempt([{ record: record(TIER), tier: 1, totalAttempts: 4 }], ['success']);
    consumer.attempt([{}], ['success']);
    consumer.attempt([{ record: record(TIER), tier: 1, totalAttempts: 4 }], ['success']);
    const samples = await scrape(register);
    const labels = 'category="none",first="false",group="billing",outcome="success",tier="1",topic="orders"';
    expect(samples.get(`velo_attempts_total{${labels}}`)).toBe(2);
  });

  it('of a batch count for each of its records, but for those that the batch has not told of', async () => {
    consumer.attempt([{}, {}, { totalAttempts: 3 }, {}], ['success', failure(), 'success', 'unknown'], {
      isBatch: true,
      duration: 300,
    });
    const samples = await scrape(register);
    const of = (labels: string) => samples.get(`velo_attempts_total{${labels},tier="0",topic="orders"}`);
    expect(of('category="none",first="true",group="billing",outcome="success"')).toBe(1);
    expect(of('category="none",first="false",group="billing",outcome="success"')).toBe(1);
    expect(of('category="NetworkIssue",first="true",group="billing",outcome="failure"')).toBe(1);
    const duration = 'group="billing",outcome="failure",tier="0",topic="orders"';
    expect(samples.get(`velo_handler_duration_seconds_count{${duration}}`)).toBe(1);
    expect(samples.get(`velo_handler_duration_seconds_sum{${duration}}`)).toBe(0.3);
  });

  it('that will be made again, as where the partition has gone meanwhile, count as none', async () => {
    consumer.attempt([{}], ['unknown']);
    const samples = await scrape(register);
    const names = [...samples].filter(([name, value]) => name.startsWith('velo_attempts_total') && value > 0);
    expect(names).toEqual([]);
  });

  it('take time, which is told in seconds and by buckets that add up', async () => {
    for (const duration of [0.4, 1, 3, 80_000]) consumer.attempt([{}], ['success'], { duration });
    const samples = await scrape(register);
    const labels = 'outcome="success",tier="0",topic="orders"';
    const bucket = (le: string) =>
      samples.get(`velo_handler_duration_seconds_bucket{group="billing",le="${le}",${labels}}`);
    expect([bucket('0.001'), bucket('0.0025'), bucket('0.005'), bucket('60'), bucket('+Inf')]).toEqual([
      2, 2, 3, 3, 4,
    ]);
    expect(samples.get(`velo_handler_duration_seconds_sum{group="billing",${labels}}`)).toBeCloseTo(80.0044);
  });

  it('are counted once, however often they are scraped', async () => {
    consumer.attempt([{}], ['success']);
    const first = await scrape(register);
    expect(await scrape(register)).toEqual(first);
  });

  it('give the four kinds of records: successful and failed, with a retry and without', async () => {
    consumer.attempt([{}], ['success']);
    consumer.attempt([{ totalAttempts: 2 }], ['success']);
    consumer.tell('deadLetter', { record: record(), totalAttempts: 1, reason: 'permanent' });
    consumer.tell('deadLetter', { record: record(TIER), totalAttempts: 6, reason: 'exhausted' });
    consumer.tell('skipped', { record: record(), totalAttempts: 3, reason: 'refused' });
    const samples = await scrape(register);
    const of = (kind: string) =>
      samples.get(`velo_records_total{group="billing",kind="${kind}",topic="orders"}`);
    expect([of('successful_without_retry'), of('successful_with_retry')]).toEqual([1, 1]);
    expect([of('failed_without_retry'), of('failed_with_retry')]).toEqual([1, 2]);
  });
});

describe('events', () => {
  const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it.each<{ what: string; tell: (consumer: Observed) => void; sample: string; value?: number }>([
    {
      what: 'a hand-off by the tier it goes to',
      tell: (c) =>
        c.tell('handOff', { record: record(), nextTier: 1, delay: 5_000, category: 'NetworkIssue' }),
      sample: 'hand_offs_total{category="NetworkIssue",group="billing",tier="1",topic="orders"}',
    },
    {
      what: 'the wait in a tier',
      tell: (c) =>
        c.tell('handOff', { record: record(), nextTier: 1, delay: 5_000, category: 'NetworkIssue' }),
      sample: 'retry_wait_seconds_sum{group="billing",place="tier",topic="orders"}',
      value: 5,
    },
    {
      what: 'the wait in place',
      tell: (c) => c.tell('retry', { record: record(TIER), delay: 200 }),
      sample: 'retry_wait_seconds_sum{group="billing",place="in_place",topic="orders"}',
      value: 0.2,
    },
    {
      what: 'lateness',
      tell: (c) => c.tell('late', { record: record(TIER), tier: 1, lateness: 40 }),
      sample: 'tier_lateness_seconds_sum{group="billing",tier="1",topic="orders"}',
      value: 0.04,
    },
    {
      what: 'a dead letter by its reason',
      tell: (c) => c.tell('deadLetter', { record: record(TIER), totalAttempts: 9, reason: 'exhausted' }),
      sample: 'dead_letters_total{group="billing",reason="exhausted",topic="orders"}',
    },
    {
      what: 'a skip by its reason',
      tell: (c) => c.tell('skipped', { record: record(), totalAttempts: 1, reason: 'refused' }),
      sample: 'skipped_records_total{group="billing",reason="refused",topic="orders"}',
    },
    {
      what: 'a follower',
      tell: (c) => c.tell('followed', { record: record(), nextTier: 1 }),
      sample: 'followed_records_total{group="billing",tier="1",topic="orders"}',
    },
    {
      what: 'a deferral',
      tell: (c) => c.tell('deferred', { record: record(TIER), tier: 1 }),
      sample: 'deferred_records_total{group="billing",tier="1",topic="orders"}',
    },
    {
      what: 'a refused copy',
      tell: (c) => c.tell('publishRefused', { record: record(TIER) }),
      sample: 'refused_copies_total{group="billing",topic="orders"}',
    },
    {
      what: 'a copy that could not be written',
      tell: (c) => c.tell('publishFailed', { topic: 'orders-billing-dlt', error }),
      sample: 'publish_failures_total{category="NetworkIssue",group="billing",target="orders-billing-dlt"}',
    },
    {
      what: 'a commit that has failed',
      tell: (c) => c.tell('commitFailed', { error }),
      sample: 'commit_failures_total{category="NetworkIssue",group="billing"}',
    },
    {
      what: 'a start position that nobody could tell',
      tell: (c) => c.tell('positionFailed', { error }),
      sample: 'position_failures_total{category="NetworkIssue",group="billing"}',
    },
    {
      what: 'records that were deleted before they were read',
      tell: (c) => c.tell('offsetOutOfRange', { topic: 'orders', passedOver: 120 }),
      sample: 'passed_over_records_total{group="billing",topic="orders"}',
      value: 120,
    },
    {
      what: 'a position that was reset',
      tell: (c) => c.tell('positionReset', { topic: TIER, reason: 'log-shorter' }),
      sample: 'position_resets_total{group="billing",reason="log-shorter",topic="orders"}',
    },
    {
      what: 'a hold',
      tell: (c) => c.tell('held', { topic: 'orders', reason: 'guard' }),
      sample: 'holds_total{group="billing",reason="guard",topic="orders"}',
    },
    {
      what: 'a handler that stalls',
      tell: (c) => c.tell('stalled', { record: record(), tier: 0 }),
      sample: 'stalls_total{group="billing",tier="0",topic="orders"}',
    },
    {
      what: 'a dead letter that was misrouted',
      tell: (c) => c.tell('misrouted', { record: record() }),
      sample: 'misrouted_dead_letters_total{group="billing",topic="orders"}',
    },
    {
      what: 'a topic that is waited for',
      tell: (c) => c.tell('wait', { topic: 'orders' }),
      sample: 'topic_waits_total{group="billing",topic="orders"}',
    },
    { what: 'a rebalance', tell: (c) => c.tell('assigned', {}), sample: 'rebalances_total{group="billing"}' },
    { what: 'a crash', tell: (c) => c.tell('crashed', {}), sample: 'crashes_total{group="billing"}' },
    { what: 'a restart', tell: (c) => c.tell('restarted', {}), sample: 'restarts_total{group="billing"}' },
    {
      what: 'a broker that is silent, and not that it speaks again',
      tell: (c) => {
        c.tell('disconnected', { from: 'broker kafka-1:9092' });
        c.tell('disconnected', { from: undefined });
      },
      sample: 'disconnections_total{group="billing"}',
    },
  ])('count: $what', async ({ tell, sample, value = 1 }) => {
    tell(consumer);
    expect((await scrape(register)).get(`velo_${sample}`)).toBe(value);
  });

  it('that alerts look at begin at 0, so that the first one is an increase', async () => {
    const samples = await scrape(register);
    for (const name of ['passed_over_records_total', 'refused_copies_total', 'topic_waits_total'])
      expect(samples.get(`velo_${name}{group="billing",topic="orders"}`)).toBe(0);
    for (const name of ['dead_letters_total', 'skipped_records_total'])
      for (const reason of ['permanent', 'exhausted', 'refused'])
        expect(samples.get(`velo_${name}{group="billing",reason="${reason}",topic="orders"}`)).toBe(0);
    expect(samples.get('velo_restarts_total{group="billing"}')).toBe(0);
  });
});

describe('a registry', () => {
  it('has every metric of the table, with its help, and no other', async () => {
    const names = register.getMetricsAsArray().map(({ name, help }) => ({ name, help }));
    const table = Object.values(METRICS).map(({ name, help }) => ({ name: `velo_${name}`, help }));
    expect(names).toEqual(expect.arrayContaining(table));
    expect(names).toHaveLength(table.length);
  });

  it('takes several velos and consumers: what they count is added up', async () => {
    const other = prometheus({ register });
    const second = new Observed(other);
    const third = new Observed(other, 'shipping');
    consumer.tell('assigned', {});
    second.tell('assigned', {});
    third.tell('assigned', {});
    const samples = await scrape(register);
    expect(samples.get('velo_rebalances_total{group="billing"}')).toBe(2);
    expect(samples.get('velo_rebalances_total{group="shipping"}')).toBe(1);
    expect(samples.get('velo_consumers{group="billing",state="running"}')).toBe(2);
  });

  it('that was cleared has all again for the next velo', async () => {
    register.clear();
    const again = new Observed(prometheus({ register }));
    again.tell('assigned', {});
    expect((await scrape(register)).get('velo_rebalances_total{group="billing"}')).toBe(1);
  });

  it('can have other prefixes beside each other', async () => {
    new Observed(prometheus({ register, prefix: 'shop_' })).tell('crashed', {});
    const samples = await scrape(register);
    expect(samples.get('shop_crashes_total{group="billing"}')).toBe(1);
    expect(samples.get('velo_crashes_total{group="billing"}')).toBe(0);
  });

  it('with labels and a content type of its own keeps both', async () => {
    const open = new Registry<'application/openmetrics-text; version=1.0.0; charset=utf-8'>();
    open.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    open.setDefaultLabels({ app: 'shop' });
    const watched = new Observed(prometheus({ register: open }));
    watched.attempt([{}], ['success']);
    const samples = await scrape({ metrics: async () => (await open.metrics()).replace(/# EOF\n?$/, '') });
    const labels = 'app="shop",group="billing",kind="successful_without_retry",topic="orders"';
    expect(samples.get(`velo_records_total{${labels}}`)).toBe(1);
    const bucket = 'app="shop",group="billing",le="+Inf",outcome="success",tier="0",topic="orders"';
    expect(samples.get(`velo_handler_duration_seconds_bucket{${bucket}}`)).toBe(1);
  });

  it('can be reset: what has been counted is forgotten, and counting goes on', async () => {
    consumer.attempt([{}], ['success']);
    await register.metrics();
    register.resetMetrics();
    consumer.attempt([{}], ['success']);
    const samples = await scrape(register);
    expect(
      samples.get('velo_records_total{group="billing",kind="successful_without_retry",topic="orders"}'),
    ).toBe(1);
    expect(
      samples.get(
        'velo_handler_duration_seconds_count{group="billing",outcome="success",tier="0",topic="orders"}',
      ),
    ).toBe(1);
  });

  it('with another metric of one of the names is refused, naming it and what to do', () => {
    const taken = new Registry();
    new Counter({ name: 'velo_crashes_total', help: 'mine', registers: [taken] });
    expect(() => prometheus({ register: taken })).toThrow(/velo_crashes_total/);
    expect(() => prometheus({ register: taken, prefix: 'shop_' })).not.toThrow();
  });

  it.each([{}, null, 'register', 7, new Map()])('must be one of prom-client: %j', (given) => {
    expect(() => prometheus({ register: given as never })).toThrow(
      expect.objectContaining({
        code: 'VELO_INVALID_OPTION',
        message: expect.stringContaining('prom-client'),
      }),
    );
  });

  it.each(['', '9_', 'velo-', 'a b', 7])('takes no prefix %j', (prefix) => {
    expect(() => prometheus({ register: new Registry(), prefix: prefix as string })).toThrow(/prefix/);
  });

  it('names the nearest option where one is unknown', () => {
    expect(() => prometheus({ registry: register } as never)).toThrow(/register/);
  });
});
