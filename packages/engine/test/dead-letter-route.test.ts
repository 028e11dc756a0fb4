import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeadLetter } from '../src/headers/read-dead-letter.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import type { DeadLetterRoute, GivenUp } from '../src/plan/dead-letter-route.js';
import { Consumers, text } from './support/consumers.js';
import { recordWith } from './support/copies.js';
import { kafkaError, type MemoryCluster } from './support/memory-cluster.js';
import type { VirtualClock } from './support/virtual-clock.js';

const DEFAULT = 'orders-billing-dlt';

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
});
afterEach(() => consumers.end());

/** Each value names what its handler throws. */
const ERRORS: Readonly<Record<string, () => unknown>> = {
  permanent: () => new PermanentError('never'),
  network: () => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
  denied: () => kafkaError(29, 'Topic authorization failed'),
  odd: () => new Error('odd'),
};

function start(route: DeadLetterRoute, more: Partial<ConsumerConfig> & { routeTopics?: string[] } = {}) {
  const { routeTopics, ...config } = more;
  return consumers.start(
    {
      retry: { inPlace: { maxAttempts: 1 } },
      exhausted: { action: 'dead-letter', route, routeTopics },
      handler: (record) => {
        const thrown = ERRORS[text(record) ?? ''];
        if (thrown !== undefined) throw thrown();
      },
      ...config,
    },
    'deadLetter',
    'skipped',
    'misrouted',
    'publishFailed',
    'publishRefused',
    'dead',
  );
}

const reasonIn = (topic: string) =>
  readDeadLetter(recordWith(cluster.log(topic)[0]?.headers ?? [], topic))?.reason;

describe('a map of dead letters', () => {
  it('goes by category and by reason, of which the reason wins; the rest goes to the default topic', async () => {
    cluster.create('orders', 1);
    cluster.produce('orders', 0, 'network', 'permanent', 'odd', 'denied', 'good');
    const { told } = start({ NetworkIssue: 'outages', permanent: 'broken', Unknown: 'odds' });
    await clock.advance(1_000);
    expect(cluster.values('outages')).toEqual(['network']);
    expect(cluster.values('broken')).toEqual(['permanent']);
    expect(cluster.values('odds')).toEqual(['odd']);
    expect(cluster.values(DEFAULT)).toEqual(['denied']);
    expect(told('deadLetter').map(({ topic, reason }) => [topic, reason])).toEqual([
      ['outages', 'exhausted'],
      ['broken', 'permanent'],
      ['odds', 'exhausted'],
      [DEFAULT, 'exhausted'],
    ]);
    expect([reasonIn('outages'), reasonIn('broken')]).toEqual(['exhausted', 'permanent']);
    expect(cluster.committedOffset('orders')).toBe(5);
  });

  it('has its topics made at the start, as wide as the source; skip and stop are none', async () => {
    cluster.create('orders', 3);
    const { joined, consumer } = start({ NetworkIssue: 'outages', permanent: 'skip', exhausted: 'stop' });
    expect(consumer.explain()).toContain(`dead-letter topic ${DEFAULT}, some to outages\n`);
    await clock.advance(100);
    await joined;
    expect(cluster.created.map(({ topic, partitions }) => [topic, partitions])).toEqual([
      [DEFAULT, 3],
      ['outages', 3],
    ]);
  });

  it('can skip some with an event, and stop before others', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'permanent', 'network', 'good');
    const { told, consumer } = start({ permanent: 'skip', NetworkIssue: 'stop' });
    await clock.advance(1_000);
    expect(told('skipped')).toMatchObject([{ reason: 'permanent', category: 'Unknown' }]);
    expect(consumer.health()).toMatchObject({ state: 'dead', error: { code: 'VELO_CONSUMER_DEAD' } });
    expect(told('dead')).toHaveLength(1);
    expect(cluster.committedOffset('orders')).toBe(1);
    expect(cluster.values(DEFAULT)).toEqual([]);
  });

  it('knows of a copy that its tier refuses', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'odd');
    cluster.onPublish = ({ topic }) => (topic.includes('retry') ? kafkaError(29, 'denied') : undefined);
    start({ refused: 'unwanted' }, { retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s'] } });
    await clock.advance(1_000);
    expect(cluster.values('unwanted')).toEqual(['odd']);
    expect(reasonIn('unwanted')).toBe('refused');
  });

  it.each([
    { what: 'a category that is none', route: { Network: 'outages' }, message: /Network.*NetworkIssue/ },
    {
      what: 'an illegal topic',
      route: { NetworkIssue: 'a/b' },
      message: /exhausted\.route\.NetworkIssue.*a\/b/,
    },
    { what: 'no text', route: { NetworkIssue: 7 }, message: /exhausted\.route\.NetworkIssue/ },
    { what: 'the source', route: { permanent: 'orders' }, message: /round for ever/ },
    { what: 'a tier', route: { permanent: 'orders-billing-retry-5s' }, message: /round for ever/ },
    {
      what: 'a tier that an earlier configuration had, which is read where it exists',
      route: { permanent: 'orders-billing-retry-1h' },
      message: /round for ever/,
    },
    { what: 'no map', route: 'outages', message: /exhausted\.route/ },
    {
      what: 'a declared topic that is illegal',
      route: () => undefined,
      routeTopics: [''],
      message: /routeTopics\[0\]/,
    },
    {
      what: 'a declared topic that is read',
      route: () => undefined,
      routeTopics: ['orders'],
      message: /round/,
    },
  ])('is refused with $what', ({ route, routeTopics, message }) => {
    expect(() =>
      consumers.create({
        retry: { tiers: ['5s'] },
        exhausted: { action: 'dead-letter', route: route as DeadLetterRoute, routeTopics },
      }),
    ).toThrow(message);
  });
});

describe('a function of dead letters', () => {
  it('is told what failed and with which record', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'denied');
    const seen: [GivenUp, string | null][] = [];
    start(
      (failure, record) => {
        seen.push([failure, text(record)]);
        return undefined;
      },
      { retry: { inPlace: { maxAttempts: 2 }, tiers: ['1s'] } },
    );
    await clock.advance(5_000);
    expect(seen).toEqual([
      [
        {
          reason: 'exhausted',
          category: 'AuthenticationIssue',
          code: 29,
          error: expect.any(Error),
          name: 'KafkaJSProtocolError',
          message: 'Topic authorization failed',
          stage: 'handler',
          tier: 1,
          totalAttempts: 4,
        },
        'denied',
      ],
    ]);
    expect(cluster.values(DEFAULT)).toEqual(['denied']);
  });

  it('names a topic, which is made at its first use and is as wide as the source', async () => {
    cluster.create('orders', 2);
    cluster.produce('orders', 1, 'odd', 'odd');
    const { told } = start(() => 'graveyard');
    await clock.advance(1_000);
    expect(cluster.values('graveyard', 1)).toEqual(['odd', 'odd']);
    expect(told('publishFailed')).toEqual([]);
    expect(cluster.created.filter(({ topic }) => topic === 'graveyard')).toMatchObject([{ partitions: 2 }]);
    expect(cluster.committedOffset('orders', 1)).toBe(2);
  });

  it('names a topic that is narrower and cannot grow: its copies go to the remainder of their partition', async () => {
    cluster.create('orders', 4);
    cluster.create('graveyard', 2);
    cluster.create(DEFAULT, 4);
    cluster.creates = false;
    cluster.produce('orders', 3, 'odd');
    start(() => 'graveyard');
    await clock.advance(1_000);
    expect(cluster.values('graveyard', 1)).toEqual(['odd']);
  });

  it('names a topic of two sources: it grows when the wider one comes to it', async () => {
    cluster.create('orders', 1);
    cluster.create('refunds', 4);
    cluster.produce('orders', 0, 'odd');
    start(() => 'graveyard', { topics: ['orders', 'refunds'] });
    await clock.advance(1_000);
    expect(cluster.topics.get('graveyard')).toHaveLength(1);
    cluster.produce('refunds', 3, 'odd');
    await clock.advance(1_000);
    expect(cluster.values('graveyard', 3)).toEqual(['odd']);
  });

  it('has the topics made at the start that it was declared with', async () => {
    cluster.create('orders');
    const { joined } = start(() => undefined, { routeTopics: ['graveyard'] });
    await clock.advance(100);
    await joined;
    expect(cluster.topics.has('graveyard')).toBe(true);
  });

  it.each([
    { what: 'throws', route: () => JSON.parse('{'), error: 'SyntaxError' },
    { what: 'returns no text', route: () => 7 as never, error: 'VeloError' },
    { what: 'returns an illegal topic', route: () => 'a b', error: 'VeloError' },
    { what: 'returns a topic that is read here', route: () => 'orders', error: 'VeloError' },
    {
      what: 'returns a promise',
      route: () => Promise.reject(new Error('late')) as never,
      error: 'VeloError',
    },
  ])('that $what loses nothing: an event, and the default topic', async ({ route, error }) => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'odd', 'good');
    const { told, consumer } = start(route);
    await clock.advance(1_000);
    expect(cluster.values(DEFAULT)).toEqual(['odd']);
    expect(told('misrouted')).toMatchObject([{ topic: DEFAULT, tier: 0, error: { name: error } }]);
    expect(consumer.health().state).toBe('running');
    expect(cluster.committedOffset('orders')).toBe(2);
  });

  it.each(['never', 'if-missing'] as const)(
    'that names a topic which cannot be had (create: %s) leaves the record to the default topic at once',
    async (create) => {
      cluster.create('orders');
      cluster.create(DEFAULT);
      cluster.creates = false;
      cluster.produce('orders', 0, 'odd', 'good');
      const { told, consumer } = start(() => 'graveyard', { topology: { create } });
      await clock.advance(1_000);
      expect(cluster.values(DEFAULT)).toEqual(['odd']);
      expect(told('publishRefused')).toMatchObject([{ topic: 'graveyard' }]);
      expect(told('publishRefused')[0]?.explanation).toContain('graveyard');
      expect(told('deadLetter')).toMatchObject([{ topic: DEFAULT, reason: 'exhausted' }]);
      expect(consumer.health().state).toBe('running');
      expect(cluster.committedOffset('orders')).toBe(2);
    },
  );

  it('that names a topic which refuses the copy leaves it to the default topic; if that refuses too, `refused` counts', async () => {
    cluster.create('orders');
    cluster.produce('orders', 0, 'odd', 'good');
    const denied = new Set(['graveyard']);
    // No matter of rights, which a topic that has taken copies may lack for a while.
    cluster.onPublish = ({ topic }) => (denied.has(topic) ? kafkaError(44, 'against a policy') : undefined);
    const { told } = start(() => 'graveyard', { refused: 'skip' });
    await clock.advance(1_000);
    expect(cluster.values(DEFAULT)).toEqual(['odd']);
    denied.add(DEFAULT);
    cluster.produce('orders', 0, 'odd');
    await clock.advance(1_000);
    expect(told('skipped')).toMatchObject([{ reason: 'refused' }]);
    expect(cluster.committedOffset('orders')).toBe(3);
  });
});
