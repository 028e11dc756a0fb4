import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ledgerKey, writeLedgerEntry } from '../../src/dead-letters/ledger-entry.js';
import { ledgerTopic } from '../../src/plan/topic-names.js';
import { DeadLettersInTest, died } from '../support/dead-letters.js';

let test: DeadLettersInTest;
const DLT = 'orders-billing-dlt';
const LEDGER = ledgerTopic(DLT);

beforeEach(() => {
  test = new DeadLettersInTest(2);
});
afterEach(() => test.end());

const offsets = async (list: AsyncIterable<{ partition: number; offset: string }>) =>
  (await test.all(list)).map(({ partition, offset }) => `${partition}:${offset}`);

describe('a list', () => {
  it('has the open ones, the oldest first, and ends though more come', async () => {
    test.cluster.produce(DLT, 0, died(), died(), died());
    test.cluster.produce(DLT, 1, died());
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { partition, offset } of test.letters().list()) {
        seen.push(`${partition}:${offset}`);
        test.cluster.produce(DLT, 0, died());
      }
    })();
    await test.done(reading);
    expect(seen.filter((at) => at.startsWith('0'))).toEqual(['0:0', '0:1', '0:2']);
    expect(seen).toHaveLength(4);
  });

  it('has none of another group, and those without any where the name has the group', async () => {
    test.cluster.create('payments');
    test.cluster.create('payments-dlt');
    test.cluster.produce(DLT, 0, died(), died({ group: 'shipping' }), { value: Buffer.from('bare') });
    test.cluster.produce('payments-dlt', 0, died({ source: 'payments' }), { value: Buffer.from('bare') });
    expect((await test.all(test.letters().list())).map(({ topic, offset }) => [topic, offset])).toEqual([
      [DLT, '0'],
      [DLT, '2'],
      ['payments-dlt', '0'],
    ]);
  });

  it('ends with its reader, and nothing is left', async () => {
    test.cluster.produce(DLT, 0, ...Array.from({ length: 3_000 }, () => died()));
    const first = (async () => {
      for await (const letter of test.letters().list()) return letter.offset;
      return undefined;
    })();
    expect(await test.done(first)).toBe('0');
    expect(test.cluster.members.every(({ stopped }) => stopped)).toBe(true);
  });

  it('asks for single ones by their place, and reads no others', async () => {
    test.cluster.produce(DLT, 0, ...Array.from({ length: 100 }, () => died()));
    test.cluster.produce(DLT, 1, ...Array.from({ length: 100 }, () => died()));
    const letters = test.letters();
    expect(await offsets(letters.list({ at: '1:42' }))).toEqual(['1:42']);
    expect(await offsets(letters.list({ at: [`${DLT}:0:1`, '1:99', '1:100', '7:1'] }))).toEqual([
      '0:1',
      '1:99',
    ]);
    expect(await offsets(letters.list({ at: 'another:0:1' }))).toEqual([]);
  });

  it('survives a join that fails, and the crash of its client', async () => {
    test.cluster.produce(DLT, 0, ...Array.from({ length: 10 }, () => died()));
    let joins = 0;
    test.cluster.autoAssign = false;
    test.cluster.onJoin = () => {
      if (joins++ === 0) throw new Error('connection lost');
      if (joins === 3) test.cluster.autoAssign = true;
    };
    const listing = offsets(test.letters().list());
    await test.clock.advance(1_000);
    expect(joins).toBe(2);
    test.cluster.members.at(-1)?.crash(new Error('connection lost'));
    expect(await listing).toHaveLength(10);
    expect(joins).toBe(3);
  });

  it('comes to its end though its client delivers within a call, and so does a run that finds all done', async () => {
    test.cluster.mostAtOnce = 1_000;
    test.cluster.feedsWithinResume = true;
    test.cluster.produce(DLT, 0, ...Array.from({ length: 5_500 }, () => died()));
    const letters = test.letters();
    expect(await test.done(letters.discard({ filter: {}, note: 'all' }))).toMatchObject({ discarded: 5_500 });
    expect(await test.done(letters.discard({ filter: {}, note: 'all' }))).toMatchObject({ discarded: 0 });
    expect(await offsets(letters.list({ status: 'discarded' }))).toHaveLength(5_500);
  });

  it('goes on where retention has passed it', async () => {
    test.cluster.produce(DLT, 0, ...Array.from({ length: 2_500 }, () => died()));
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { offset } of test.letters().list()) {
        seen.push(Number(offset));
        if (seen.length !== 100) continue;
        const log = test.cluster.raw(DLT);
        log.splice(0, 2_000);
        const [member] = test.cluster.members;
        member?.sink.outOfRange({ topic: DLT, partition: 0 });
      }
    })();
    await test.done(reading);
    expect(seen.at(-1)).toBe(2_499);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('the ledger', () => {
  const entry = (offset: number, written: number, action: 'replayed' | 'refused' = 'replayed') => ({
    key: Buffer.from(ledgerKey({ partition: 0, offset: String(offset) })),
    value: Buffer.from(writeLedgerEntry({ action, at: 1, run: 'r', written })),
  });

  it('counts for the dead letter that it was written for, and for none of a topic that was made again', async () => {
    test.cluster.create(LEDGER, 2);
    test.cluster.produce(DLT, 0, died({ timestamp: 5 }), died({ timestamp: 6 }), died({ timestamp: 7 }));
    test.cluster.produce(LEDGER, 0, entry(0, 5), entry(1, 999), entry(2, 7), entry(2, 7, 'refused'));
    expect((await test.all(test.letters().list({ status: 'all' }))).map(({ status }) => status)).toEqual([
      'replayed',
      'open',
      'replayed',
    ]);
  });

  it('is read whatever stands in it, and may be narrower than the dead letters', async () => {
    test.cluster.create(LEDGER, 1);
    test.cluster.creates = false;
    test.cluster.produce(LEDGER, 0, 'junk', null, { key: Buffer.from('0:0'), value: Buffer.from('{}') });
    test.cluster.produce(DLT, 0, died());
    test.cluster.produce(DLT, 1, died());
    const letters = test.letters();
    expect(await test.done(letters.discard({ filter: {}, note: 'all' }))).toMatchObject({ discarded: 2 });
    expect(await offsets(letters.list())).toEqual([]);
    expect(await test.done(letters.history('1:0'))).toMatchObject({ status: 'discarded' });
  });

  it('says what became of a dead letter in the partition that has the number of its own, and nothing but that', async () => {
    for (let partition = 0; partition < 2; partition++)
      for (let offset = 0; offset < 3; offset++)
        test.cluster.produce(DLT, partition, died({ partition, timestamp: 10 * partition + offset }));
    const { run } = await test.done(test.letters().discard({ filter: {}, note: 'all' }));
    for (const partition of [0, 1]) {
      const entries = test.cluster.log(LEDGER, partition).filter(({ value }) => value !== null);
      expect(entries.map(({ key }) => String(key))).toEqual(
        [0, 1, 2].map((offset) => `${partition}:${offset}`),
      );
      expect(entries.map(({ headers }) => headers)).toEqual([[], [], []]);
      expect(entries.map(({ value }) => JSON.parse(String(value)))).toEqual(
        [0, 1, 2].map((offset) => ({
          v: 1,
          action: 'discarded',
          at: expect.any(Number),
          run,
          written: 10 * partition + offset,
          note: 'all',
        })),
      );
    }
  });

  it('loses the entries of dead letters that are gone, with the next run', async () => {
    test.cluster.produce(DLT, 0, died(), died());
    const letters = test.letters();
    await test.done(letters.discard({ filter: {}, note: 'all' }));
    test.cluster.produce(DLT, 0, died());
    test.cluster.raw(DLT).splice(0, 1);
    await test.done(letters.discard({ filter: {}, note: 'the rest' }));
    const left = new Map(test.cluster.log(LEDGER).map(({ key, value }) => [String(key), value]));
    expect(left.get('0:0')).toBeNull();
    expect(left.get('0:1')).not.toBeNull();
    expect(left.get('0:2')).not.toBeNull();
  });

  it('is made like the dead letters, compacted; where it cannot be made, nothing is done', async () => {
    test.cluster.descriptions.set(DLT, { replicationFactor: 3, configs: { 'min.insync.replicas': '2' } });
    test.cluster.produce(DLT, 0, died());
    test.cluster.creates = false;
    const letters = test.letters();
    const error = await test.done(letters.replay()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'VELO_TOPOLOGY',
      message: expect.stringContaining(`--topic ${LEDGER}`),
    });
    test.cluster.creates = true;
    await test.done(letters.replay());
    expect(test.cluster.created.find(({ topic }) => topic === LEDGER)).toEqual({
      topic: LEDGER,
      partitions: 2,
      replicationFactor: 3,
      configs: { 'cleanup.policy': 'compact', 'min.insync.replicas': '2' },
    });
  });
});

describe('a summary', () => {
  it('counts by what they failed with, and bounds what strangers can make of it', async () => {
    const now = test.clock.wallTime();
    test.cluster.produce(
      DLT,
      0,
      died({ timestamp: now - 2 * 3_600_000, message: 'no 1' }),
      died({ timestamp: now - 1_000, message: 'no 2' }),
      ...Array.from({ length: 1_100 }, (_, i) =>
        died({
          timestamp: now,
          error: `E${String.fromCharCode(97 + (i % 26), 97 + (((i / 26) | 0) % 26), 97 + ((i / 676) | 0))}`,
        }),
      ),
    );
    const { topics, open } = await test.done(test.letters().summary());
    expect(open).toBe(1_102);
    const [{ groups, oldest, lastHour } = { groups: [], oldest: 0, lastHour: 0 }] = topics;
    expect(groups.length).toBe(1_001);
    expect(groups.find(({ count }) => count === 2)).toMatchObject({
      oldest: now - 2 * 3_600_000,
      newest: now - 1_000,
      lastHour: 1,
      example: `${DLT}:0:0`,
    });
    expect(groups.find(({ fingerprint }) => fingerprint === '…')?.count).toBe(101);
    expect([oldest, lastHour]).toEqual([now - 2 * 3_600_000, 1_101]);
  });
});

describe('a history', () => {
  it('must name the topic where there are several', async () => {
    test.cluster.create('payments');
    test.cluster.create('payments-billing-dlt');
    const letters = test.letters();
    await expect(test.done(letters.history('0:0'))).rejects.toThrow(
      /orders-billing-dlt, payments-billing-dlt/,
    );
    expect(await test.done(letters.history(`${DLT}:0:0`))).toMatchObject({ status: 'open', events: [] });
    await expect(letters.history('x')).rejects.toThrow(/partition:offset/);
  });
  it('asks for no more replicas in sync than it is known to have', async () => {
    test.cluster.descriptions.set(DLT, { configs: { 'min.insync.replicas': '2' } });
    test.cluster.produce(DLT, 0, died());
    await test.done(test.letters().replay());
    const made = test.cluster.created.find(({ topic }) => topic === LEDGER);
    expect(made).toMatchObject({ replicationFactor: -1, configs: { 'cleanup.policy': 'compact' } });
    expect(made?.configs).not.toHaveProperty('min.insync.replicas');
  });
});
