import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import { kafkaError, type MemoryCluster, type MemoryMember } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';
import type { VirtualClock } from './support/virtual-clock.js';

/** Ids are asked for again after, ms. */
const LOOK = 10_000;

let consumers: Consumers;
let cluster: MemoryCluster;
let clock: VirtualClock;
let seen: (string | null)[];

beforeEach(() => {
  consumers = new Consumers();
  ({ cluster, clock } = consumers);
  cluster.tellsIds = true;
  cluster.create('orders');
  seen = [];
});

afterEach(() => consumers.end());

const member = () => cluster.members.at(-1) as MemoryMember;
const values = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);
const metadata = (partition = 0) => cluster.committed.get(`orders ${partition}`)?.metadata;

const start = (config: Partial<ConsumerConfig> = {}) =>
  consumers.start(
    { handler: (record) => void seen.push(text(record)), ...config },
    'positionReset',
    'positionFailed',
  );

/** The topic is made again under a client that does not notice: it goes on where it was, in the new log. */
function madeAgainUnseen(partitions = 1): void {
  const { stopped } = member();
  member().stopped = true;
  cluster.recreate('orders', partitions);
  cluster.produce('orders', 0, ...values('new', 5));
  member().stopped = stopped;
}

describe.each([
  { handOff: 'at-least-once', scope: undefined },
  { handOff: 'transactional', scope: 'by-partition' },
  { handOff: 'transactional', scope: 'by-member' },
] as const)('a topic that was made again, by $handOff hand-off, $scope', ({ handOff, scope }) => {
  beforeEach(async () => {
    if (scope !== undefined) cluster.transactions = new MemoryTransactions(cluster, scope);
    cluster.produce('orders', 0, ...values('old', 3));
  });

  it('and committed by a member that read the old one, is read from its beginning by the next member', async () => {
    const first = start({ handOff });
    await clock.advance(1_000);
    expect([seen, metadata()]).toEqual([values('old', 3), 'velo:partitions=1,topic=id-1;']);
    const { offset } = cluster.committed.get('orders 0') ?? {};
    member().stopped = true;
    cluster.recreate('orders');
    cluster.produce('orders', 0, ...values('new', 5));
    // What was finished of the old topic is committed to the new one, since brokers look at names alone.
    cluster.committed.set('orders 0', {
      offset: offset ?? -1,
      metadata: metadata() ?? 'velo:partitions=1,topic=id-1;',
    });
    await first.consumer.stop();
    seen = [];
    const { told } = start({ handOff, startFrom: 'latest' });
    await clock.advance(1_000);
    expect(seen).toEqual(values('new', 5));
    expect(told('positionReset')).toMatchObject([
      { topic: 'orders', partition: 0, from: 3, to: 0, reason: 'topic-made-again' },
    ]);
    expect(told('positionReset')[0]?.explanation).toMatch(
      /^orders, partition 0, has another log: the topic was deleted and made again, as its id shows\. .*begins anew at 0/,
    );
    expect(cluster.committed.get('orders 0')).toEqual({
      offset: 5,
      metadata: 'velo:partitions=0,topic=id-2;',
    });
  });

  it('under a client that did not notice is read from its beginning within 10 s', async () => {
    const { consumer, told } = start({ handOff });
    await clock.advance(1_000);
    madeAgainUnseen();
    member().feed();
    await clock.advance(100);
    expect(seen).toEqual([...values('old', 3), 'new 3', 'new 4']);
    await clock.advance(LOOK);
    expect(seen).toEqual([...values('old', 3), 'new 3', 'new 4', ...values('new', 5)]);
    expect(told('positionReset')).toMatchObject([{ from: 5, to: 0, reason: 'topic-made-again' }]);
    expect(cluster.committed.get('orders 0')).toEqual({
      offset: 5,
      metadata: 'velo:partitions=0,topic=id-2;',
    });
    expect(consumer.health().state).toBe('running');
  });

  it('is read from its beginning also where commits carry no id, though the member has committed over it', async () => {
    cluster.offsetMetadata = false;
    const { told } = start({ handOff, startFrom: 'latest' });
    await clock.advance(1_000);
    cluster.produce('orders', 0, ...values('later', 3));
    await clock.advance(1_000);
    cluster.recreate('orders');
    cluster.produce('orders', 0, ...values('new', 8));
    member().feed();
    await clock.advance(LOOK);
    const again = [...values('new', 8)];
    expect(seen.slice(-again.length)).toEqual(again);
    expect(told('positionReset')).toMatchObject([{ to: 0, reason: 'topic-made-again' }]);
    expect(cluster.committed.get('orders 0')?.offset).toBe(8);
  });

  it('and read further by another member is gone on with where that one has committed', async () => {
    const { told } = start({ handOff });
    await clock.advance(1_000);
    member().assign([]);
    madeAgainUnseen();
    cluster.committed.set('orders 0', { offset: 4, metadata: 'velo:topic=id-2;' });
    member().assignAll();
    await clock.advance(1_000);
    expect(seen).toEqual([...values('old', 3), 'new 4']);
    expect(told('positionReset')).toMatchObject([{ from: 3, to: 4, reason: 'topic-made-again' }]);
    expect(cluster.committed.get('orders 0')).toEqual({ offset: 5, metadata: 'velo:topic=id-2;' });
  });

  it('begins at its earliest in a partition that has no commit, whatever startFrom says', async () => {
    start({ handOff, startFrom: 'latest' });
    await clock.advance(1_000);
    cluster.produce('orders', 0, ...values('old', 1));
    await clock.advance(1_000);
    const old = cluster.committed.get('orders 0');
    await consumers.end();
    cluster.recreate('orders', 2);
    cluster.produce('orders', 1, ...values('new', 2));
    cluster.committed.set('orders 0', old as NonNullable<typeof old>);
    seen = [];
    cluster.autoAssign = false;
    start({ handOff, startFrom: 'latest' });
    await clock.advance(100);
    member().assign([{ topic: 'orders', partition: 1 }]);
    await clock.advance(1_000);
    expect(seen).toEqual(values('new', 2));
  });
});

describe('positions that are asked for while a topic is made again', () => {
  it('are asked for again', async () => {
    let asked = 0;
    cluster.onOffsets = () => {
      if (asked++ === 0) cluster.recreate('orders');
    };
    const { told } = start();
    await clock.advance(5_000);
    cluster.produce('orders', 0, ...values('new', 2));
    await clock.advance(5_000);
    expect(told('positionFailed')).toHaveLength(1);
    expect(told('positionFailed')[0]?.explanation).toContain(
      'Topic orders was deleted and made again while its positions were asked for.',
    );
    expect(seen).toEqual(values('new', 2));
    expect(metadata()).toBe('velo:partitions=1,topic=id-2;');
  });
});

describe('a look at the ids', () => {
  it('that fails changes nothing, and is taken again', async () => {
    const { told, consumer } = start();
    await clock.advance(1_000);
    let fails = true;
    const { recreate } = cluster;
    cluster.onTopicIds = () => {
      if (fails) throw kafkaError(7, 'Request timed out');
    };
    recreate.call(cluster, 'orders');
    await clock.advance(LOOK);
    expect([told('positionReset'), consumer.health().state]).toEqual([[], 'running']);
    fails = false;
    await clock.advance(LOOK);
    expect(told('positionReset')).toHaveLength(1);
  });

  it('ends with the consumer', async () => {
    let looks = 0;
    const { consumer } = start();
    await clock.advance(1_000);
    cluster.onTopicIds = () => void looks++;
    await clock.advance(2 * LOOK);
    expect(looks).toBe(2);
    await consumer.stop();
    await clock.advance(3 * LOOK);
    expect(looks).toBe(2);
  });

  it('tells nothing where brokers tell no ids', async () => {
    cluster.onTopicIds = () => new Map();
    const { told } = start();
    cluster.produce('orders', 0, ...values('old', 3));
    await clock.advance(1_000);
    expect(metadata()).toBe('velo:partitions=1;');
    madeAgainUnseen();
    await clock.advance(3 * LOOK);
    expect(told('positionReset')).toEqual([]);
  });
});
