import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaRecord } from '../src/binding/record.js';
import type { ConsumerConfig, HandlerContext } from '../src/plan/config.js';
import { createVeloOn, type Velo } from '../src/velo.js';
import { copyOf, recordWith } from './support/copies.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

let cluster: MemoryCluster;
let clock: VirtualClock;
let velo: Velo | undefined;
let warnings: string[];
let handled: string[];

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  cluster.wallTime = () => clock.wallTime();
  warnings = [];
  handled = [];
  for (const topic of ['orders', 'orders-retry-0', 'orders-retry-1', 'orders-dlt']) cluster.create(topic);
});
afterEach(async () => {
  const closing = velo?.close();
  await clock.advance(120_000);
  await closing;
  expect(clock.pending).toBe(0);
});

function start(config: Partial<ConsumerConfig> = {}): void {
  const logger = { info() {}, warn: (message: string) => warnings.push(message), error() {} };
  velo = createVeloOn(cluster.open, { clock, env: {}, logger });
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    retry: { inPlace: { maxAttempts: 1 }, tiers: ['5s', '1m'], naming: 'spring-index', headers: 'spring' },
    handler: (record: KafkaRecord) => handled.push(String(record.value)),
    ...config,
  });
  consumer.start().catch(() => {});
}

/** A copy that Spring has left in a retry topic. */
function left(topic: string, value: string, due: number): void {
  const headers = copyOf(recordWith(), { state: { attempts: 1 }, due, profile: 'spring' });
  cluster.produce(topic, 0, { value: Buffer.from(value), headers });
}

describe('taking over from Spring', () => {
  it('copies that succeeded or were dead-lettered are done; those that wait are handled when they are due', async () => {
    const now = clock.wallTime();
    left('orders-retry-0', 'succeeded', now - 9_000);
    left('orders-retry-0', 'dead-lettered', now - 8_000);
    left('orders-retry-0', 'waits', now + 2_000);
    left('orders-retry-1', 'never begun', now + 3_000);
    cluster.committedByOthers.set('billing-retry-0 orders-retry-0 0', 2);
    start();
    await clock.advance(1_000);
    expect(handled).toEqual([]);
    expect(cluster.committedOffset('orders-retry-0')).toBe(2);
    expect(cluster.committedOffset('orders-retry-1')).toBe(0);
    await clock.advance(5_000);
    expect(handled).toEqual(['waits', 'never begun']);
    expect(cluster.log('orders-dlt')).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('what velo’s own group has committed counts more', async () => {
    for (const value of ['a', 'b', 'c']) left('orders-retry-0', value, 0);
    cluster.committed.set('orders-retry-0 0', { offset: 1, metadata: '' });
    cluster.committedByOthers.set('billing-retry-0 orders-retry-0 0', 2);
    start();
    await clock.advance(1_000);
    expect(handled).toEqual(['b', 'c']);
  });

  it.each([{ offset: 9 }, { offset: -1 }])(
    'an offset of Spring’s that the log does not have ($offset) begins at the earliest',
    async ({ offset }) => {
      left('orders-retry-0', 'a', 0);
      cluster.committedByOthers.set('billing-retry-0 orders-retry-0 0', offset);
      start();
      await clock.advance(1_000);
      expect(handled).toEqual(['a']);
    },
  );

  it('under velo’s own names nobody’s offsets are asked for', async () => {
    const asked = new Set<string>();
    cluster.onCommitted = (groupId) => void asked.add(groupId);
    start({ retry: { tiers: ['5s'] } });
    await clock.advance(60_000);
    expect([...asked]).toEqual(['billing']);
  });

  it('without rights to Spring’s groups it begins at the earliest and says so once', async () => {
    cluster.onCommitted = (groupId) => {
      if (groupId !== 'billing') throw kafkaError(30, 'Not authorized to access group');
    };
    left('orders-retry-0', 'a', 0);
    left('orders-retry-1', 'b', 0);
    start();
    await clock.advance(400_000);
    expect(handled.sort()).toEqual(['a', 'b']);
    expect(warnings.filter((line) => line.includes('billing-retry-0'))).toEqual([
      expect.stringMatching(/Nothing is lost.* allow Describe for that group/),
    ]);
  });

  it('requirements name Spring’s groups', async () => {
    start();
    const { acls } = await (velo as Velo)
      .consumer({
        groupId: 'billing',
        topics: ['orders'],
        retry: { tiers: ['5s'], naming: 'spring-delay' },
        handler() {},
      })
      .requirements();
    expect(acls.filter(({ resource }) => resource === 'group')).toEqual([
      { resource: 'group', name: 'billing', pattern: 'literal', operations: ['Read'] },
      { resource: 'group', name: 'billing-retry-5000', pattern: 'literal', operations: ['Describe'] },
    ]);
  });
});

describe('Spring that still runs', () => {
  const said = () => warnings.filter((line) => line.includes('Spring Kafka reads'));
  const moves = (offset: number) => cluster.committedByOthers.set('billing-retry-1 orders-retry-1 0', offset);

  it('is told, once, when its offsets in the tiers move', async () => {
    left('orders-retry-1', 'a', 0);
    left('orders-retry-1', 'b', 0);
    moves(0);
    start();
    await clock.advance(5_000);
    moves(1);
    await clock.advance(1_000);
    expect(said()).toEqual([]);
    await clock.advance(10_000);
    moves(2);
    await clock.advance(3_600_000);
    expect(said()).toEqual([expect.stringMatching(/group billing .* orders-retry-1\. Nothing is lost/)]);
  });

  it('that has stopped is not', async () => {
    left('orders-retry-1', 'a', 0);
    moves(1);
    start();
    await clock.advance(3_600_000);
    expect(said()).toEqual([]);
  });
});

describe('Spring’s single retry topic', () => {
  const retry = { inPlace: { maxAttempts: 1 }, naming: 'spring-single', headers: 'spring' } as const;
  const seen: string[] = [];
  const fails = (record: KafkaRecord, { tier, totalAttempts }: HandlerContext) => {
    seen.push(`${record.value} ${tier} ${totalAttempts}`);
    throw new Error('down');
  };
  beforeEach(() => {
    seen.length = 0;
    cluster.create('orders-retry');
  });

  it('takes each record once for each wait, and then it is dead-lettered', async () => {
    start({ retry: { ...retry, tiers: ['5s', '5s', '5s'] }, handler: fails });
    cluster.produce('orders', 0, 'a');
    await clock.advance(1_000);
    cluster.produce('orders', 0, 'b');
    await clock.advance(4_500);
    expect(seen).toEqual(['a 0 1', 'b 0 1', 'a 1 2']);
    await clock.advance(30_000);
    expect(seen.slice(3)).toEqual(['b 1 2', 'a 2 3', 'b 2 3', 'a 3 4', 'b 3 4']);
    expect(cluster.values('orders-retry')).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(cluster.values('orders-dlt')).toEqual(['a', 'b']);
    expect([...cluster.topics.keys()]).not.toContain('orders-billing-retry-5s');
  });

  it('counts on where Spring has stopped counting', async () => {
    const headers = copyOf(recordWith(), { state: { attempts: 3 }, due: 0, profile: 'spring' });
    cluster.produce('orders-retry', 0, { value: Buffer.from('done'), headers });
    cluster.produce('orders-retry', 0, { value: Buffer.from('last'), headers });
    left('orders-retry', 'first', 0);
    cluster.committedByOthers.set('billing-retry orders-retry 0', 1);
    start({ retry: { ...retry, tiers: ['5s', '5s', '5s'] }, handler: fails });
    await clock.advance(1_000);
    expect(seen).toEqual(['last 3 4', 'first 1 2']);
    expect(cluster.values('orders-dlt')).toEqual(['last']);
  });

  it('follows others where only the last waits are equal', async () => {
    start({ retry: { ...retry, tiers: ['1s', '5s', '5s'] }, handler: fails });
    cluster.produce('orders', 0, 'a');
    await clock.advance(20_000);
    expect(seen).toEqual(['a 0 1', 'a 1 2', 'a 2 3', 'a 3 4']);
    expect(cluster.values('orders-retry-1000')).toEqual(['a']);
    expect(cluster.values('orders-retry-5000')).toEqual(['a', 'a']);
    expect(cluster.values('orders-dlt')).toEqual(['a']);
  });

  it('with attempts in place, too, and however they were counted: each record comes to an end', async () => {
    start({ retry: { ...retry, inPlace: { maxAttempts: 3 }, tiers: ['5s', '5s'] }, handler: fails });
    cluster.produce('orders', 0, 'a');
    left('orders-retry', 'b', 0);
    await clock.advance(60_000);
    expect(seen.filter((line) => line.startsWith('a')).at(-1)).toBe('a 2 9');
    expect(cluster.values('orders-dlt').sort()).toEqual(['a', 'b']);
  });

  const untold = () => warnings.filter((line) => line.includes('does not read it'));

  it('is told where velo does not read it, once', async () => {
    start({ retry: { tiers: ['5s'] } });
    await clock.advance(60_000);
    expect(untold()).toEqual([
      expect.stringMatching(/orders-retry exists.*set retry\.naming to 'spring-single'/),
    ]);
  });

  it('is read under any of Spring’s names', async () => {
    left('orders-retry', 'a', 0);
    start();
    await clock.advance(1_000);
    expect(handled).toEqual(['a']);
    expect(untold()).toEqual([]);
  });
});
