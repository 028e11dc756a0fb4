import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { METADATA_ROOM } from '../src/offsets/offset-metadata.js';
import type { HandlerContext } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import { gate } from './support/lane-in-test.js';
import { kafkaError } from './support/memory-cluster.js';
import { settle } from './support/virtual-clock.js';

let consumers: Consumers;
beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders');
});
afterEach(() => consumers.end());

/** A consumer whose handlers the test ends, with records of these keys. */
async function running(keys: string) {
  const { cluster, clock } = consumers;
  const { calls, handler, seen } = gate();
  const test = consumers.start({ concurrency: 16, handler }, 'commitFailed');
  await clock.advance(100);
  cluster.produce(
    'orders',
    0,
    ...[...keys].map((key) => ({ key: Buffer.from(key), value: Buffer.from(key) })),
  );
  await settle();
  return { ...test, calls, seen };
}

describe('what has finished beyond the committed offset', () => {
  it('is not repeated by the member that comes after a crash', async () => {
    const { clock, cluster } = consumers;
    const { calls } = await running('abcd');
    calls[1]?.pass();
    calls[3]?.pass();
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(0);
    // The process is gone, and hears of nothing any more.
    for (const member of cluster.members.splice(0)) member.stopped = true;
    const next = await running('e');
    expect(next.seen()).toEqual([0, 2, 4]);
    for (const { pass } of next.calls) pass();
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(5);
    for (const { pass } of calls) pass();
  });

  it('is repeated where brokers refuse metadata of that size: commits go on without, and somebody is told once', async () => {
    const { clock, cluster, warnings } = consumers;
    cluster.onCommit = (offsets) => {
      if (offsets.some(({ metadata = '' }) => metadata.length > 20)) throw kafkaError(12);
    };
    const { calls, told } = await running('abcd');
    calls[0]?.pass();
    calls[2]?.pass();
    await clock.advance(2_000);
    expect(cluster.committed.get('orders 0')).toEqual({ offset: 1, metadata: 'velo:partitions=1;' });
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(cluster.committedOffset('orders')).toBe(3);
    expect(told('commitFailed')).toHaveLength(1);
    expect(warnings.filter((warning) => warning.includes('offset.metadata.max.bytes'))).toHaveLength(1);
    calls[3]?.pass();
  });

  it('is not told where the client carries no metadata', async () => {
    const { clock, cluster } = consumers;
    cluster.offsetMetadata = false;
    const { calls } = await running('ab');
    const before = cluster.committed.get('orders 0');
    calls[1]?.pass();
    await clock.advance(1_000);
    expect(cluster.committed.get('orders 0')).toEqual(before);
    calls[0]?.pass();
  });

  it('never takes more than brokers do by default', () => expect(METADATA_ROOM).toBeLessThanOrEqual(4_096));
});

describe('explain()', () => {
  it.each([
    [{}, undefined],
    [{ concurrency: 16 }, '16 in each partition, those of one key one after the other'],
    [{ concurrency: 2, order: 'none' }, '2 in each partition, in no order'],
    [
      { handler: undefined, batch: { handler: () => {} } },
      '1 in each partition, in batches of up to 500 records or 1,048,576 bytes',
    ],
    [{ concurrency: { perConsumer: 9 } }, '1 in each partition, 9 in the consumer'],
  ] as const)('says how many run at once: %j', (config, line) => {
    const text = consumers.create(config).explain();
    if (line === undefined) expect(text).not.toContain('at once');
    else expect(text).toContain(`\n  at once:  ${line}\n`);
  });
});

describe('a consumer that stops', () => {
  it('lets all that run end, and commits them', async () => {
    const { clock, cluster } = consumers;
    const { consumer, calls, seen } = await running('abca');
    expect(consumer.health().partitions).toMatchObject([{ handlers: 3, queued: 1 }]);
    const stopped = consumer.stop();
    for (const { pass } of calls) pass();
    await clock.advance(1_000);
    await stopped;
    expect(seen()).toEqual([0, 1, 2]);
    expect(cluster.committedOffset('orders')).toBe(3);
  });

  it('is stalled by the handler that runs longest', async () => {
    const { clock } = consumers;
    const { consumer, calls } = await running('ab');
    await clock.advance(400_000);
    calls[0]?.pass();
    await settle();
    expect(consumer.health()).toMatchObject({ state: 'stalled', partitions: [{ handlerRunning: 400_000 }] });
    calls[1]?.pass();
    await settle();
    expect(consumer.health().state).toBe('running');
  });
});

describe('where a record first stood', () => {
  it('is the same at its source and in each tier', async () => {
    const { clock, cluster } = consumers;
    cluster.create('orders', 3);
    const seen: unknown[] = [];
    const note = ({ tier, source, id, record }: HandlerContext) =>
      seen.push([tier, source, id, record.topic === source.topic]);
    consumers.start({
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s', '5s'] },
      handler: (record, context) => {
        note(context);
        throw text(record) === 'bad' && context.tier === 2 ? new PermanentError('x') : new Error('x');
      },
    });
    await clock.advance(100);
    cluster.produce('orders', 2, { value: Buffer.from('bad'), offset: 42, timestamp: 1_700_000_000_000 });
    await clock.advance(20_000);
    const source = { topic: 'orders', partition: 2, offset: '42', timestamp: 1_700_000_000_000 };
    expect(seen).toEqual([
      [0, source, 'orders/2/42', true],
      [1, source, 'orders/2/42', false],
      [2, source, 'orders/2/42', false],
    ]);
  });
});
