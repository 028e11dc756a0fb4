import { fixed, RetryMetrics } from '@velo/retry-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding, OutgoingRecord, PublishOutcome } from '../src/binding/binding.js';
import { Observers } from '../src/observing/observers.js';
import { Watching } from '../src/observing/watching.js';
import { partitionForKey } from '../src/producer/partitioner.js';
import { createProducer, type ProducerConfig, type VeloProducer } from '../src/producer/producer.js';
import type { ProducerMessage } from '../src/producer/producer-message.js';
import { kafkaError } from './support/memory-cluster.js';
import { settle, VirtualClock } from './support/virtual-clock.js';

const outage = kafkaError(6, 'no leader');
const refusal = kafkaError(10, 'too large');
const WRITTEN: PublishOutcome = { written: true, offset: '7' };

let clock: VirtualClock;
let batches: OutgoingRecord[][];
let counts: number;
/** How often brokers were asked for it. */
let asked: number;
let closes: number;
/** As clients do: what is under way gets its answer then. */
let onClose: (() => void)[];
let answer: (record: OutgoingRecord) => Promise<PublishOutcome> | PublishOutcome;
let metrics: RetryMetrics;
let open: (config: ProducerConfig) => VeloProducer;
let producer: VeloProducer;

beforeEach(() => {
  clock = new VirtualClock();
  batches = [];
  counts = 3;
  asked = 0;
  closes = 0;
  onClose = [];
  answer = () => WRITTEN;
  metrics = new RetryMetrics();
  const observers = new Observers([], new Watching(clock, () => {}));
  const client = {
    capabilities: { binaryHeaders: true, nullHeaders: true, gzip: true, offsetMetadata: true },
    leaderless: async () => [],
    partitionCount: async () => {
      asked++;
      return counts;
    },
    publish: (batch: readonly OutgoingRecord[]) => {
      batches.push([...batch]);
      return Promise.all(batch.map((record) => answer(record)));
    },
    close: async () => {
      closes++;
      for (const tell of onClose) tell();
    },
  } as unknown as ClientBinding;
  open = (config) =>
    createProducer({
      open: () => client,
      metrics,
      clock,
      observers,
      onClosed: () => {},
      ...config,
    });
  producer = open({ timeout: '10s' });
});

const send = (...messages: ProducerMessage[]) => producer.send({ topic: 'orders', messages });
const sent = () => batches.flat();

/** Notes how a promise has ended, if it has. */
function outcome(promise: Promise<unknown>): { ended: unknown } {
  const seen: { ended: unknown } = { ended: 'not yet' };
  promise.then(
    (value) => {
      seen.ended = value;
    },
    (error: unknown) => {
      seen.ended = error;
    },
  );
  return seen;
}

describe('what is sent', () => {
  it('is the message as it was given', async () => {
    await send(
      { partition: 1, key: 'k', value: 'v', timestamp: 5, headers: { a: 'x', b: ['y', null] } },
      { partition: 1, value: null },
      { partition: 1, key: Buffer.from([0]), value: Buffer.from([1]), headers: [['a', 'z']] },
    );
    expect(sent()).toEqual([
      {
        topic: 'orders',
        partition: 1,
        key: 'k',
        value: 'v',
        timestamp: 5,
        headers: [
          ['a', 'x'],
          ['b', 'y'],
          ['b', null],
        ],
      },
      { topic: 'orders', partition: 1, key: null, value: null, timestamp: undefined, headers: [] },
      {
        topic: 'orders',
        partition: 1,
        key: Buffer.from([0]),
        value: Buffer.from([1]),
        timestamp: undefined,
        headers: [['a', 'z']],
      },
    ]);
  });

  it('goes to a partition that there is, or nothing of the send does', async () => {
    for (const partition of [-1, 1.5, 3, Number.NaN]) {
      const sending = send({ partition: 0, value: 'a' }, { partition, value: 'b' });
      await expect(sending).rejects.toMatchObject({ code: 'VELO_INVALID_OPTION' });
    }
    expect(batches).toEqual([]);
    await send({ partition: 2, value: 'a' });
    expect(batches).toHaveLength(1);
  });

  it('of no messages is nothing', async () => {
    expect(await send()).toEqual([]);
    expect(await producer.sendBatch({ topicMessages: [] })).toEqual([]);
    expect(batches).toEqual([]);
  });

  it('with a key goes where Java’s clients send it, whatever was sent before, as text and as bytes', async () => {
    counts = 7;
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 20 }),
        fc.string({ unit: 'binary' }),
        async (bytes, text) => {
          const binary = Buffer.from(bytes);
          const [first, second] = await send({ key: binary, value: 'a' }, { key: text, value: 'b' });
          expect(first?.partition).toBe(partitionForKey(binary, 7));
          expect(second?.partition).toBe(partitionForKey(Buffer.from(text), 7));
        },
      ),
    );
  });

  it('without headers, as JavaScript may say it, has none', async () => {
    await send({ value: 'a', headers: null as unknown as undefined });
    expect(sent()[0]?.headers).toEqual([]);
  });

  it('without keys takes the partitions in turn, a send each, also within one batch of topics', async () => {
    const messages = [{ value: 'a' }, { value: 'b' }];
    await producer.sendBatch({ topicMessages: [1, 2, 3, 4].map(() => ({ topic: 'orders', messages })) });
    expect(
      sent()
        .map(({ partition }) => partition)
        .sort(),
    ).toEqual([0, 0, 0, 0, 1, 1, 2, 2]);
  });
});

describe('the number of partitions', () => {
  it('is believed for a minute', async () => {
    await send({ value: 'a' });
    await clock.advance(59_999);
    await send({ value: 'a' });
    expect(asked).toBe(1);
    await clock.advance(1);
    await send({ value: 'a' });
    expect(asked).toBe(2);
  });

  it('is asked for again where a message wants a partition beyond it, and only there', async () => {
    await send({ partition: 2, value: 'a' });
    await send({ partition: 2, value: 'a' }, { value: 'b' });
    expect(asked).toBe(1);
    counts = 4;
    await send({ partition: 3, value: 'a' }, { partition: 0, value: 'b' });
    expect(asked).toBe(2);
  });

  it.each([
    { what: 'failed', outcomes: [{ written: false, error: outage }, WRITTEN] },
    { what: 'was refused', outcomes: [{ written: false, error: refusal }] },
  ] as const)('is asked for again after a send $what', async ({ outcomes }) => {
    let i = 0;
    answer = () => outcomes[i++] ?? WRITTEN;
    send({ value: 'a' }).catch(() => {});
    await clock.advance(1_000);
    await send({ value: 'a' });
    expect(asked).toBe(2);
  });
});

describe('the end of a send', () => {
  it('comes with the last of its records, whose results are in the order of the messages', async () => {
    const passes: (() => void)[] = [];
    answer = ({ partition }) =>
      new Promise((resolve) => {
        passes[partition] = () => resolve({ written: true, offset: String(partition) });
      });
    const sending = outcome(send(...[2, 0, 1].map((partition) => ({ partition, value: 'x' }))));
    await settle();
    passes[0]?.();
    passes[1]?.();
    await settle();
    expect(sending.ended).toBe('not yet');
    passes[2]?.();
    await settle();
    expect(sending.ended).toEqual(
      [2, 0, 1].map((partition) => ({ topic: 'orders', partition, offset: String(partition) })),
    );
  });

  it('tells the first refusal, when all others have ended', async () => {
    const second = kafkaError(29, 'not authorized');
    let pass = () => {};
    answer = ({ partition }) => {
      if (partition === 0) return { written: false, error: refusal };
      if (partition === 1) return { written: false, error: second };
      return new Promise((resolve) => {
        pass = () => resolve(WRITTEN);
      });
    };
    const sending = outcome(send(...[0, 1, 2].map((partition) => ({ partition, value: 'x' }))));
    await settle();
    expect(sending.ended).toBe('not yet');
    pass();
    await settle();
    expect(sending.ended).toBe(refusal);
  });

  it('comes with its timeout, with the attempts, the time and the last error', async () => {
    answer = () => ({ written: false, error: outage });
    const sending = outcome(send({ value: 'x' }));
    await clock.advance(9_999);
    expect(sending.ended).toBe('not yet');
    const attempts = batches.length;
    await clock.advance(5_000);
    expect(sending.ended).toMatchObject({
      code: 'VELO_TIMEOUT',
      category: 'NetworkIssue',
      attempts,
      cause: outage,
    });
    expect((sending.ended as { elapsed: number }).elapsed).toBe(11_300);
    expect(batches).toHaveLength(attempts);
    // 100, 200, 400 and so on, at most 5 s
    expect(attempts).toBe(7);
  });

  it('is not cut by the time that others before it have taken', async () => {
    let away = true;
    answer = () => (away ? { written: false, error: outage } : WRITTEN);
    const first = outcome(send({ partition: 0, value: 'first' }));
    await clock.advance(9_000);
    const second = outcome(send({ partition: 0, value: 'second' }));
    await clock.advance(5_000);
    expect(first.ended).toMatchObject({ code: 'VELO_TIMEOUT' });
    expect(second.ended).toBe('not yet');
    away = false;
    await clock.advance(5_000);
    expect(second.ended).toEqual([{ topic: 'orders', partition: 0, offset: '7' }]);
  });

  it('comes at its timeout, not an attempt later', async () => {
    answer = () => ({ written: false, error: outage });
    producer = open({ timeout: '10s', strategy: fixed(5_000) });
    const sending = outcome(send({ value: 'x' }));
    await clock.advance(10_000);
    expect(sending.ended).toMatchObject({ code: 'VELO_TIMEOUT', attempts: 2, elapsed: 10_000 });
  });

  it('does not come before its first attempt, however long others before it have taken', async () => {
    let pass = () => {};
    answer = ({ value }) =>
      value === 'second'
        ? WRITTEN
        : new Promise((resolve) => {
            pass = () => resolve(WRITTEN);
          });
    void send({ partition: 0, value: 'first' });
    await settle();
    const second = outcome(send({ partition: 0, value: 'second' }));
    await clock.advance(60_000);
    pass();
    await settle();
    expect(second.ended).toEqual([{ topic: 'orders', partition: 0, offset: '7' }]);
  });

  it('counts each attempt as what it was', async () => {
    let attempts = 0;
    answer = () => (++attempts < 3 ? { written: false, error: outage } : WRITTEN);
    const sending = send({ value: 'x' });
    await clock.advance(1_000);
    await sending;
    expect(metrics.snapshot()).toMatchObject({ attemptsTotal: 3, successesTotal: 1 });
  });
});

describe('disconnect', () => {
  it('waits for what is under way, then closes the client, once', async () => {
    let pass = () => {};
    answer = () =>
      new Promise((resolve) => {
        pass = () => resolve(WRITTEN);
      });
    const sending = outcome(send({ value: 'x' }));
    await settle();
    const ending = outcome(producer.disconnect());
    void producer.disconnect();
    await settle();
    expect([ending.ended, closes]).toEqual(['not yet', 0]);
    pass();
    await settle();
    expect(sending.ended).toEqual([{ topic: 'orders', partition: expect.any(Number), offset: '7' }]);
    expect([ending.ended, closes]).toEqual([undefined, 1]);
  });

  it('gives up after the timeout what does not end; each send has its answer then', async () => {
    answer = () =>
      new Promise((resolve) => {
        onClose.push(() => resolve({ written: false, error: outage }));
      });
    const sending = [
      outcome(send({ partition: 0, value: 'x' })),
      outcome(send({ partition: 1, value: 'x' })),
    ];
    await settle();
    sending.push(outcome(send({ partition: 1, value: 'behind' })));
    const ending = outcome(producer.disconnect());
    await clock.advance(9_999);
    expect([ending.ended, closes]).toEqual(['not yet', 0]);
    await clock.advance(1);
    expect([ending.ended, closes]).toEqual([undefined, 1]);
    await clock.advance(1_000);
    expect(sending.map(({ ended }) => (ended as { code: string }).code)).toEqual([
      'VELO_TIMEOUT',
      'VELO_TIMEOUT',
      'VELO_CLOSED',
    ]);
  });

  it('of a producer that never sent is nothing; afterwards it says that it is closed', async () => {
    await producer.disconnect();
    expect(closes).toBe(0);
    await expect(send({ value: 'x' })).rejects.toMatchObject({ code: 'VELO_CLOSED' });
    await expect(producer.connect()).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  });

  it('is what the end of a scope does', async () => {
    await send({ value: 'x' });
    await producer[Symbol.asyncDispose]();
    expect(closes).toBe(1);
  });
});

it.each([0, -1, Number.NaN])('a timeout of %d is refused', (timeout) => {
  expect(() => open({ timeout })).toThrow(/^timeout is /);
});
