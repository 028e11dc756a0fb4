import { sleep } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerTopic } from '../../src/plan/topic-names.js';
import { createVeloOn } from '../../src/velo.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';
import { kafkaError, type Stored } from '../support/memory-cluster.js';
import { MemoryTransactions } from '../support/memory-transactions.js';

let test: DeadLettersInTest;
const DLT = 'orders-billing-dlt';
const REPLAY = 'orders-billing-replay';
const TIER = 'orders-billing-retry-5s';
/** MESSAGE_TOO_LARGE, TOPIC_AUTHORIZATION_FAILED, REQUEST_TIMED_OUT, UNKNOWN_TOPIC_OR_PARTITION */
const [TOO_LARGE, NOT_ALLOWED, TIMED_OUT, UNKNOWN] = [10, 29, 7, 3] as const;

beforeEach(() => {
  test = new DeadLettersInTest();
});
afterEach(() => test.end());

const texts = ({ headers }: Stored) => headers.map(([name, value]) => [name, value?.toString() ?? null]);
const named = (stored: Stored | undefined) => Object.fromEntries(texts(stored as Stored));
const produce = (...letters: Parameters<typeof died>[0][]) => {
  test.cluster.produce(DLT, 0, ...letters.map(died));
};

describe.each(['at-least-once', 'transactional'] as const)('a replay, %s', (handOff) => {
  beforeEach(() => {
    if (handOff === 'transactional') test.cluster.transactions = new MemoryTransactions(test.cluster);
  });

  it('goes to the replay topic of a group without tiers, which is made, with a state of its own', async () => {
    produce({ value: 'a', key: 'k', offset: 7, headers: [['x', Buffer.from('1')]] });
    const letters = test.letters();
    const result = await test.done(letters.replay());
    expect(result).toMatchObject({
      replayed: 1,
      passedOver: 0,
      refused: 0,
      handOff,
      targets: { [REPLAY]: 1 },
    });
    const [copy] = test.cluster.log(REPLAY) as [Stored];
    expect([copy.key?.toString(), copy.value?.toString()]).toEqual(['k', 'a']);
    expect(texts(copy)).toEqual([
      ['x', '1'],
      ['velo-version', '1'],
      ['velo-group', 'billing'],
      ['velo-attempt', '0'],
      ['velo-original-topic', 'orders'],
      ['velo-original-partition', '0'],
      ['velo-original-offset', '7'],
      ['velo-original-timestamp', '1000'],
      ['velo-due', expect.stringMatching(/^\d+$/)],
      ['velo-replays', '1'],
    ]);
    expect(await test.done(letters.replay())).toMatchObject({ replayed: 0 });
    expect(test.cluster.log(REPLAY)).toHaveLength(1);
  });

  it('leaves alone what is of another group, or does not match, or was not asked for', async () => {
    test.cluster.create(TIER);
    produce(
      { value: 'a' },
      { value: 'b', group: 'shipping' },
      { value: 'c', reason: 'permanent' },
      { value: 'd' },
    );
    const letters = test.letters();
    const filter = { reason: 'exhausted', at: ['0:0', '0:1', '0:2'] } as const;
    expect(await test.done(letters.replay({ filter }))).toMatchObject({ replayed: 1, passedOver: 0 });
    expect(test.cluster.values(TIER)).toEqual(['a']);
    expect(await test.done(letters.replay())).toMatchObject({ replayed: 2 });
    expect(test.cluster.values(TIER)).toEqual(['a', 'c', 'd']);
  });

  it('leaves a copy open that the brokers refuse, with the reason, and sends the others', async () => {
    test.cluster.create(TIER);
    produce(...['a', 'large', 'b'].map((value, offset) => ({ value, offset })));
    test.cluster.onPublish = ({ value, topic }) =>
      topic === TIER && String(value) === 'large' ? kafkaError(TOO_LARGE, 'too large') : undefined;
    const letters = test.letters();
    const result = await test.done(letters.replay());
    expect(result).toMatchObject({
      replayed: 2,
      refused: 1,
      refusals: [{ topic: TIER, error: 'too large', count: 1, example: `${DLT}:0:1` }],
    });
    expect(test.cluster.values(TIER)).toEqual(['a', 'b']);
    expect(await test.done(letters.history('0:1'))).toMatchObject({
      status: 'open',
      events: [{ action: 'refused', error: 'too large', to: { topic: TIER } }],
    });
    test.cluster.onPublish = () => undefined;
    expect(await test.done(letters.replay())).toMatchObject({ replayed: 1, refused: 0 });
    expect(test.cluster.values(TIER)).toEqual(['a', 'b', 'large']);
  });

  it('asks a topic that may not be written to once, and tells its refusal once', async () => {
    test.cluster.create(TIER);
    produce(...Array.from({ length: 20 }, (_, offset) => ({ offset })));
    let asked = 0;
    test.cluster.onPublish = ({ topic }) => {
      if (topic !== TIER) return undefined;
      asked++;
      return kafkaError(NOT_ALLOWED, 'not allowed');
    };
    const result = await test.done(test.letters().replay({ perSecond: 10 }));
    expect(result).toMatchObject({ replayed: 0, refused: 20, refusals: [{ count: 20, topic: TIER }] });
    expect(asked).toBe(1);
  });

  it('tries again what fails for a while, and sends nothing twice', async () => {
    test.cluster.create(TIER);
    produce(...Array.from({ length: 5 }, (_, offset) => ({ value: String(offset), offset })));
    let failures = 4;
    test.cluster.onPublish = ({ topic }) =>
      topic === TIER && failures-- > 0 ? kafkaError(TIMED_OUT) : undefined;
    expect(await test.done(test.letters().replay())).toMatchObject({ replayed: 5 });
    expect(test.cluster.values(TIER).sort()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('gives up after two minutes without an answer, and the next one goes on', async () => {
    test.cluster.create(TIER);
    produce({}, {});
    test.cluster.onPublish = ({ topic }) => (topic === TIER ? kafkaError(TIMED_OUT, 'no answer') : undefined);
    const letters = test.letters();
    await expect(test.done(letters.replay())).rejects.toMatchObject({ code: 'VELO_TIMEOUT' });
    test.cluster.onPublish = () => undefined;
    expect(await test.done(letters.replay())).toMatchObject({ replayed: 2 });
  });

  it('refuses what goes to a topic that is deleted meanwhile', async () => {
    test.cluster.create(TIER);
    produce({}, {});
    let isUnknown = false;
    test.cluster.onPublish = ({ topic }) => {
      isUnknown ||= topic === TIER;
      return topic === TIER ? kafkaError(UNKNOWN, 'unknown topic') : undefined;
    };
    test.cluster.onPartitionCount = () => void (isUnknown && test.cluster.topics.delete(TIER));
    expect(await test.done(test.letters().replay())).toMatchObject({
      replayed: 0,
      refused: 2,
      refusals: [{ topic: TIER, count: 2 }],
    });
  });

  it('stops after the batch that is under way when it is told to', async () => {
    test.cluster.create(TIER);
    produce(...Array.from({ length: 50 }, (_, offset) => ({ offset })));
    const stop = new AbortController();
    const result = await test.done(
      test.letters().replay({
        perSecond: 10,
        signal: stop.signal,
        onProgress: ({ replayed }) => replayed >= 7 && stop.abort(),
      }),
    );
    expect(result).toMatchObject({ replayed: 7, stopped: 'signal' });
    expect(test.cluster.log(TIER)).toHaveLength(7);
  });

  it('keeps to its rate, evenly', async () => {
    test.cluster.create(TIER);
    produce(...Array.from({ length: 40 }, (_, offset) => ({ offset })));
    await test.done(test.letters().replay({ perSecond: 10 }));
    const times = test.cluster.log(TIER).map(({ timestamp }) => timestamp);
    const gaps = times.slice(1).map((time, i) => time - (times[i] as number));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(90);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(210);
  });

  it('ends with the dead letters: what is under way is finished, and nothing is left', async () => {
    test.cluster.create(TIER);
    produce(...Array.from({ length: 50 }, (_, offset) => ({ offset })));
    const letters = test.letters();
    const replay = letters.replay({ perSecond: 10 });
    await test.clock.advance(1_000);
    await test.done(letters.close());
    expect((await replay).stopped).toBe('signal');
    await expect(letters.replay()).rejects.toMatchObject({ code: 'VELO_CLOSED' });
    await expect(test.all(letters.list())).rejects.toMatchObject({ code: 'VELO_CLOSED' });
    expect(test.cluster.openClients).toBe(0);
  });
});

describe('a replay goes', () => {
  it.each<[string, string[], string[][] | undefined, Record<string, number>, string]>([
    [
      'to the shortest tier that a member reads',
      ['1s', '5s', '1m'],
      [['5s', '1m']],
      {},
      'orders-billing-retry-5s',
    ],
    [
      'to the tier that one of its members reads, whatever the others do',
      ['5s', '1m'],
      [[], ['5s'], ['1m']],
      {},
      TIER,
    ],
    ['to the replay topic where its members read no tier', ['5s'], [[]], {}, REPLAY],
    [
      'without members, to the shortest that it has read',
      ['1s', '5s'],
      [],
      { '5s': 4 },
      'orders-billing-retry-5s',
    ],
    ['else to the shortest', ['10s', '5s', '5s-2'], [], {}, 'orders-billing-retry-5s'],
    [
      'to the shortest that it has read where the client cannot ask',
      ['1s', '5s'],
      undefined,
      { '5s': 0 },
      TIER,
    ],
  ])('%s', async (_, tiers, members, committed, target) => {
    for (const tier of tiers) test.cluster.create(`orders-billing-retry-${tier}`);
    for (const [tier, offset] of Object.entries(committed))
      test.cluster.committedByOthers.set(`billing orders-billing-retry-${tier} 0`, offset);
    if (members !== undefined)
      test.cluster.onDescribeGroup = async () =>
        members.map((own) => ({
          topics: ['orders', ...own.map((tier) => `orders-billing-retry-${tier}`)],
          assigned: [],
        }));
    produce({});
    expect(await test.done(test.letters().replay())).toMatchObject({ targets: { [target]: 1 } });
  });

  it('to the shortest of the tiers, however their names are written', async () => {
    const tiers = ['10s', '1m', '5s-2', '5s-10', '5s-3', 'soon', '-5s', '5x'];
    for (const tier of tiers) test.cluster.create(`orders-billing-retry-${tier}`);
    produce({});
    expect(await test.done(test.letters().replay({ dryRun: true }))).toMatchObject({
      targets: { 'orders-billing-retry-5s-2': 1 },
    });
  });

  it('to a tier that the group has read in one of its partitions', async () => {
    test.cluster.create('orders-billing-retry-1s', 2);
    test.cluster.create(TIER, 2);
    test.cluster.committedByOthers.set(`billing ${TIER} 1`, 0);
    produce({});
    expect(await test.done(test.letters().replay({ dryRun: true }))).toMatchObject({
      targets: { [TIER]: 1 },
    });
  });

  it('at once where the group tells of its members', async () => {
    test.cluster.create(TIER);
    let asked = 0;
    test.cluster.onDescribeGroup = async () => {
      asked++;
      return [{ topics: [TIER], assigned: [] }];
    };
    produce({}, {});
    await test.done(test.letters().replay({ dryRun: true }));
    expect(asked).toBe(1);
  });

  it('without a question about the group where there is no tier that it might read', async () => {
    test.cluster.create('orders-shipping-retry-5s');
    const asked: string[] = [];
    test.cluster.onDescribeGroup = async () => {
      asked.push('members');
      return undefined;
    };
    test.cluster.onCommitted = (group) => void asked.push(group);
    produce({});
    const start = test.clock.now();
    expect(await test.done(test.letters().replay({ dryRun: true }))).toMatchObject({
      targets: { [REPLAY]: 1 },
    });
    expect(asked).toEqual([]);
    expect(test.clock.now() - start).toBeLessThan(500);
  });

  it('by what it has committed where it does not tell of its members, or not while it rebalances', async () => {
    for (const tier of ['1s', '5s']) test.cluster.create(`orders-billing-retry-${tier}`);
    test.cluster.committedByOthers.set(`billing ${TIER} 0`, 0);
    produce({});
    for (const answer of [async () => undefined, () => Promise.reject(new Error('denied'))]) {
      let asked = 0;
      test.cluster.onDescribeGroup = () => {
        asked++;
        return answer();
      };
      const start = test.clock.now();
      const result = await test.done(test.letters().replay({ dryRun: true }));
      expect(result).toMatchObject({ targets: { [TIER]: 1 } });
      expect(asked).toBe(5);
      expect(test.clock.now() - start).toBeGreaterThanOrEqual(2_000);
    }
  });

  it("to Spring's retry topic, if the group reads it, with what Spring believes", async () => {
    test.cluster.create('orders-retry-0');
    test.cluster.create('orders-retry-1');
    test.cluster.committedByOthers.set('billing orders-retry-0 0', 0);
    produce({ offset: 7 });
    expect(await test.done(test.letters().replay())).toMatchObject({ targets: { 'orders-retry-0': 1 } });
    const [copy] = test.cluster.log('orders-retry-0') as [Stored];
    const headers = new Map(copy.headers);
    expect(headers.get('retry_topic-attempts')).toEqual(Buffer.from([0, 0, 0, 1]));
    expect(headers.get('kafka_original-offset')).toEqual(Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]));
    expect(headers.get('kafka_dlt-original-consumer-group')?.toString()).toBe('billing');
    expect(headers.has('velo-group')).toBe(false);
    expect(headers.has('kafka_exception-message')).toBe(false);
  });

  it("not to Spring's retry topic of others", async () => {
    test.cluster.create('orders-retry-0');
    produce({});
    expect(await test.done(test.letters().replay())).toMatchObject({ targets: { [REPLAY]: 1 } });
  });

  it('to the source, as a record like any other, and says who else reads it', async () => {
    produce({ value: 'a', headers: [['x', Buffer.from('1')]] });
    const result = await test.done(test.letters().replay({ to: 'source' }));
    expect(result.targets).toEqual({ orders: 1 });
    expect(result.otherReaders?.note).toMatch(/orders.*not billing alone/);
    expect(texts(test.cluster.log('orders')[0] as Stored)).toEqual([
      ['x', '1'],
      ['velo-replays', '1'],
    ]);
  });

  it('to the source, and names the groups that read it, where the client can tell', async () => {
    produce({ value: 'a' });
    test.cluster.onListGroups = async () => ['billing', 'billing-dead-letters-1', 'shipping', 'idle'];
    test.cluster.committedByOthers.set('shipping orders 0', 3);
    const { otherReaders } = await test.done(test.letters().replay({ to: 'source', dryRun: true }));
    expect(otherReaders).toMatchObject({
      groups: ['shipping'],
      note: expect.stringMatching(/Others are: shipping/),
    });
    test.cluster.onListGroups = async () => ['billing', 'idle'];
    const alone = await test.done(test.letters().replay({ to: 'source', dryRun: true }));
    expect(alone.otherReaders).toEqual({ groups: [], note: 'No other group reads orders.' });
    test.cluster.onListGroups = () => Promise.reject(new Error('denied'));
    const denied = await test.done(test.letters().replay({ to: 'source' }));
    expect(denied).toMatchObject({ replayed: 1, otherReaders: { groups: undefined } });
    expect(denied.otherReaders?.note).toMatch(/denied/);
  });

  it('to a topic that is named and is there', async () => {
    test.cluster.create('elsewhere', 2);
    produce({ partition: 5 });
    const letters = test.letters();
    await expect(test.done(letters.replay({ to: { topic: 'nowhere' } }))).rejects.toMatchObject({
      code: 'VELO_TOPIC_MISSING',
    });
    await expect(test.done(letters.replay({ to: { topic: DLT } }))).rejects.toThrow(/go round/);
    expect(await test.done(letters.replay({ to: { topic: 'elsewhere' } }))).toMatchObject({ replayed: 1 });
    expect(test.cluster.log('elsewhere', 1)).toHaveLength(1);
  });

  it('nowhere where a forged header leads', async () => {
    test.cluster.create('shared');
    for (const source of ['__consumer_offsets', 'made-up'])
      test.cluster.produce('shared', 0, died({ source }));
    const letters = test.letters({ topics: ['shared'] });
    const before = [...test.cluster.topics.keys()];
    for (const to of ['group', 'source'] as const)
      expect(await test.done(letters.replay({ to }))).toMatchObject({ replayed: 0, refused: 2 });
    expect([...test.cluster.topics.keys()]).toEqual([...before, ledgerTopic('shared')]);
  });

  it('once more where its record comes back dead, and no more than three times', async () => {
    test.cluster.create(TIER);
    const letters = test.letters();
    for (let replays = 0; replays < 5; replays++) {
      produce({ replays, offset: 7 });
      const done = await test.done(letters.replay());
      expect(done).toMatchObject(
        replays < 3 ? { replayed: 1 } : { replayed: 0, passedOver: replays - 2, refused: 0 },
      );
    }
    expect(test.cluster.log(TIER).map((copy) => named(copy)['velo-replays'])).toEqual(['1', '2', '3']);
    expect(await test.done(letters.replay({ maxReplays: 4 }))).toMatchObject({ replayed: 1, passedOver: 1 });
  });
});

describe('a dry run', () => {
  it('counts by what it would send where, and writes nothing', async () => {
    produce({ message: 'no 1' }, { message: 'no 2' }, { reason: 'permanent' }, { replays: 3 });
    const before = JSON.stringify([...test.cluster.topics.keys()]);
    const result = await test.done(test.letters().replay({ dryRun: true }));
    expect(result).toMatchObject({ dryRun: true, replayed: 3, passedOver: 1, targets: { [REPLAY]: 3 } });
    expect(result.groups.map(({ count, reason }) => [reason, count])).toEqual([
      ['exhausted', 2],
      ['permanent', 1],
    ]);
    expect(JSON.stringify([...test.cluster.topics.keys()])).toBe(before);
    expect(await test.done(test.letters().discard({ filter: {}, note: 'x', dryRun: true }))).toMatchObject({
      discarded: 4,
      dryRun: true,
    });
    expect(await test.done(test.letters().summary())).toMatchObject({ open: 4 });
  });
});

describe('a canary', () => {
  beforeEach(() => test.cluster.create(TIER));

  /** As a consumer of the group would: what comes into the tier is handled, or dies again. */
  function consume(dies: boolean, until = 60_000) {
    return (async () => {
      for (let time = 0; test.cluster.log(TIER).length === 0 && time < until; time += 50)
        await new Promise((resolve) => setImmediate(resolve));
      if (dies) produce({ offset: 7, message: 'again', replays: 1 });
      test.cluster.committedByOthers.set(`billing ${TIER} 0`, 1);
    })();
  }

  it('goes alone, and the others once it was handled', async () => {
    produce({ offset: 7 }, { offset: 8 }, { offset: 9 });
    const consuming = consume(false);
    const result = await test.done(test.letters().replay({ canary: true }));
    await consuming;
    expect(result).toMatchObject({
      replayed: 3,
      stopped: undefined,
      canary: { at: `${DLT}:0:0`, outcome: 'handled' },
    });
  });

  it('holds the others back where it dies again, and tells its error', async () => {
    produce({ offset: 7 }, { offset: 8 }, { offset: 9 });
    const consuming = consume(true);
    const result = await test.done(test.letters().replay({ canary: true }));
    await consuming;
    expect(result).toMatchObject({
      replayed: 1,
      stopped: 'canary',
      canary: {
        outcome: 'dead-again',
        again: { at: `${DLT}:0:3`, info: { error: { message: 'again' } } },
      },
    });
    expect(test.cluster.log(TIER)).toHaveLength(1);
  });

  it('is known to have died again where its dead letter is read before its copy', async () => {
    produce({ offset: 7 }, { offset: 8 });
    const open = () => {
      const binding = test.cluster.open();
      const join: typeof binding.join = (membership, sink) =>
        binding.join(membership, {
          assignment: (partitions) => sink.assignment(partitions),
          lost: () => sink.lost(),
          revoking: (partitions) => sink.revoking(partitions),
          reached: (partition, next) => sink.reached(partition, next),
          outOfRange: (partition) => sink.outOfRange(partition),
          crashed: (error) => sink.crashed(error),
          // The tier's leader answers later than that of the dead letters.
          records: (topic, ...rest) =>
            void sleep(topic === TIER ? 2_000 : 0, undefined, test.clock).then(() =>
              sink.records(topic, ...rest),
            ),
        });
      return { ...binding, join };
    };
    const velo = createVeloOn(open, { clock: test.clock, env: {} });
    test.velos.push(velo);
    const consuming = consume(true);
    const result = await test.done(velo.deadLetters({ groupId: 'billing' }).replay({ canary: true }));
    await consuming;
    expect(result).toMatchObject({ replayed: 1, canary: { outcome: 'dead-again' } });
  });

  it('is waited for as long as it may take, though nothing comes meanwhile', async () => {
    produce({ offset: 7 }, { offset: 8 });
    const replaying = test.letters().replay({ canary: { timeout: '10m' } });
    await test.clock.advance(400_000);
    test.cluster.committedByOthers.set(`billing ${TIER} 0`, 1);
    expect(await test.done(replaying)).toMatchObject({ replayed: 2, canary: { outcome: 'handled' } });
  });

  it('holds the others back where its outcome is not known in time', async () => {
    produce({ offset: 7 }, { offset: 8 });
    const result = await test.done(test.letters().replay({ canary: { timeout: '5s' } }));
    expect(result).toMatchObject({ replayed: 1, stopped: 'canary', canary: { outcome: 'unknown' } });
    expect(result.canary?.note).toMatch(/has not finished.*5s/);
  });
});

describe('options', () => {
  it.each<[object, RegExp]>([
    [{ perSecnd: 5 }, /perSecnd.*perSecond/s],
    [{ perSecond: 0 }, /perSecond/],
    [{ maxReplays: 0 }, /maxReplays/],
    [{ to: 'elsewhere' }, /'group', 'source'/],
    [{ to: { topic: 'a b' } }, /legal/],
    [{ canary: true, to: { topic: 'x' } }, /canary/],
    [{ canary: { timeout: 'soon' } }, /canary.timeout/],
    [{ signal: 5 }, /AbortSignal/],
    [{ dryRun: 'yes' }, /dryRun/],
    [{ filter: { reason: 'x' } }, /reason/],
  ])('of a replay: %j is refused', async (options, words) => {
    await expect(test.done(test.letters().replay(options))).rejects.toThrow(words);
  });

  it('of a discard must have a filter and a note', async () => {
    const letters = test.letters();
    await expect(letters.discard({ note: 'x' } as never)).rejects.toThrow(/filter/);
    await expect(letters.discard({ filter: {}, note: ' ' })).rejects.toThrow(/note/);
    await expect(letters.discard(undefined as never)).rejects.toThrow(/filter/);
  });

  it('of deadLetters() are checked at once', () => {
    expect(() => test.letters({ group: 'x' } as never)).toThrow(/group.*groupId/s);
    expect(() => test.letters({ groupId: '' })).toThrow(/groupId/);
    expect(() => test.letters({ topics: [] })).toThrow(/topics/);
    expect(() => test.letters({ handOff: 'once' as never })).toThrow(/handOff/);
  });

  it('ask for transactions where the client has none: refused', async () => {
    produce({});
    await expect(test.done(test.letters({ handOff: 'transactional' }).replay())).rejects.toMatchObject({
      code: 'VELO_NOT_SUPPORTED',
    });
  });
});

describe('with a client whose transactions are by partition', () => {
  it('more partitions than it can have producers for are refused in words, and none of them is begun', async () => {
    test = new DeadLettersInTest(6);
    test.cluster.create(TIER, 6);
    // Five at the most.
    test.cluster.transactions = new MemoryTransactions(test.cluster, 'by-partition');
    for (let partition = 0; partition < 6; partition++)
      test.cluster.produce(DLT, partition, died({ partition, offset: partition }));
    const error = await test.done(test.letters().replay()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'VELO_NOT_SUPPORTED',
      message: expect.stringMatching(/more than 5 partitions.*handOff to 'at-least-once'/),
    });
    await test.done(test.letters({ handOff: 'at-least-once' }).replay());
    const copies = [0, 1, 2, 3, 4, 5].map((partition) => test.cluster.values(TIER, partition).length);
    expect(copies).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
