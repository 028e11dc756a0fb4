import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SeldomLog } from '../src/consumer/seldom-log.js';
import type { LogEntry } from '../src/plan/config.js';
import { safeLogger, structuredLogger } from '../src/plan/safe-logger.js';
import { createVeloOn } from '../src/velo.js';
import { Consumers } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

describe('a log of what comes often', () => {
  const told: LogEntry[] = [];
  let clock: VirtualClock;
  let log: SeldomLog;

  beforeEach(() => {
    told.length = 0;
    clock = new VirtualClock();
    log = new SeldomLog(safeLogger(structuredLogger((entry) => told.push(entry))), clock);
  });

  const tell = (text: string, about: unknown = 'a') => log.tell('event', [about], 'warn', text, { text });
  const messages = () => told.map(({ message }) => message);

  it('tells the first at once, and the last of a minute with how many were left out', async () => {
    for (const text of ['1.', '2.', '3.', '4.']) tell(text);
    expect(messages()).toEqual(['1.']);
    await clock.advance(60_000);
    expect(messages()).toEqual(['1.', '4. 2 like this were left out within 1m.']);
    expect(told[1]?.fields).toEqual({ text: '4.', leftOut: 2 });
  });

  it('tells each kind by itself', () => {
    tell('1.');
    tell('2.', 'b');
    expect(messages()).toEqual(['1.', '2.']);
  });

  it('tells an error of another cause at once, and one that differs in its numbers not', () => {
    tell('1.', new Error('refused 10.0.0.1:80'));
    tell('2.', new Error('the certificate has expired'));
    tell('3.', new Error('refused 10.0.0.2:80'));
    expect(messages()).toEqual(['1.', '2.']);
  });

  it('has a limit to what differs', () => {
    for (let i = 0; i < 1_000; i++) tell(`${i}.`, `kind ${i}`);
    expect(told).toHaveLength(51);
  });

  it('begins anew after a minute in which nothing came', async () => {
    tell('1.');
    await clock.advance(60_000);
    tell('2.');
    expect(messages()).toEqual(['1.', '2.']);
  });

  it('tells what is left at its end, and leaves no timer; later it leaves none either', () => {
    tell('1.');
    tell('2.');
    tell('3.');
    log.close();
    tell('4.');
    expect(messages()).toEqual(['1.', '3. 1 like this were left out within 1m.', '4.']);
    expect(clock.pending).toBe(0);
  });
});

describe('by default the log has a line', () => {
  let world: Consumers;

  beforeEach(() => {
    world = new Consumers();
    world.cluster.create('orders', 1);
  });
  afterEach(() => world.end());

  const never = () => {
    throw new PermanentError('broken', { cause: new Error('the cause') });
  };

  it('for a member that cannot join, at the start in other words than later', async () => {
    let failing = true;
    world.cluster.onJoin = () => {
      if (failing) throw kafkaError(15);
    };
    const { consumer } = world.start({});
    await world.clock.advance(1_000);
    expect(
      world.warnings.filter((line) => line.includes('could not start; the next attempt is in')),
    ).not.toEqual([]);
    expect(world.warnings.filter((line) => line.includes('has crashed'))).toEqual([]);
    failing = false;
    await world.clock.advance(60_000);
    expect(consumer.health().state).toBe('running');
    world.cluster.members.at(-1)?.sink.crashed(kafkaError(14, 'The coordinator is loading'));
    await world.clock.advance(1_000);
    expect(world.warnings.filter((line) => line.includes('has crashed; a new one starts in'))).toHaveLength(
      1,
    );
  });

  it('for commits that fail in a row, once a minute; not for those that a rebalance lets fail', async () => {
    const of = (failures: number) => {
      let left = failures;
      world.cluster.onCommit = ([at]) => {
        if ((at?.offset ?? 0) > 0 && left-- > 0) throw kafkaError(15);
      };
    };
    of(4);
    world.start({ handler: () => {} });
    world.cluster.produce('orders', 0, 'a');
    await world.clock.advance(30_000);
    expect(world.cluster.committedOffset('orders')).toBe(1);
    expect(world.warnings).toEqual([]);
    of(8);
    world.cluster.produce('orders', 0, 'b');
    await world.clock.advance(90_000);
    expect(world.cluster.committedOffset('orders')).toBe(2);
    expect(world.warnings).toEqual([
      expect.stringMatching(
        /^Offsets of group billing could not be committed, 5 times in a row; .*: code 15\. Nothing is lost: /,
      ),
      expect.stringMatching(/ 8 times in a row; .* 2 like this were left out within 1m\.$/),
    ]);
  });

  it('for the first dead letter, and one for the others', async () => {
    world.cluster.produce('orders', 0, 'a', 'b', 'c', 'd');
    world.start({ handler: never });
    await world.clock.advance(61_000);
    expect(world.warnings).toEqual([
      'The record at orders, partition 0, offset 0 is a dead letter of group billing, in orders-billing-dlt (permanent, after 1 attempt): broken: the cause. Nothing is lost: mend the cause, then velo.deadLetters() or "velo dlt replay" sends it back.',
      expect.stringMatching(/offset 3 is a dead letter.* 2 like this were left out within 1m\.$/),
    ]);
  });

  it('for a skip', async () => {
    world.cluster.produce('orders', 0, 'a');
    world.start({ handler: never, exhausted: { action: 'skip' } });
    await world.clock.advance(1_000);
    expect(world.warnings).toEqual([expect.stringContaining('offset 0 was skipped by group billing')]);
  });

  it('for a topic that is missing, at once', async () => {
    const { consumer } = world.start({ topics: ['missing'], waitForTopics: '1h' });
    await world.clock.advance(0);
    expect(world.warnings).toEqual([expect.stringContaining('missing')]);
    await world.clock.advance(59_000);
    expect(world.warnings).toHaveLength(1);
    void consumer.stop();
  });

  it('for a hold, and for its restart', async () => {
    const { consumer } = world.start({});
    await world.clock.advance(100);
    consumer.pause();
    world.cluster.members[0]?.crash(new Error('gone'));
    await world.clock.advance(1_000);
    expect(world.warnings).toEqual([
      expect.stringContaining('orders is held in group billing'),
      expect.stringContaining('The consumer of group billing has crashed; a new one starts in 200 ms: gone'),
    ]);
  });

  it('for a handler that stalls, and for copies that cannot be written', async () => {
    world.cluster.onPublish = () => new Error('no leader');
    world.cluster.produce('orders', 0, 'a');
    world.start({ handler: never });
    await world.clock.advance(1_000);
    expect(world.warnings).toEqual([
      expect.stringMatching(/^Copies to orders-billing-dlt.* could not be written/),
    ]);
    world.cluster.onPublish = undefined as never;
    world.start({ groupId: 'slow', stallAfter: '1s', handler: () => new Promise(() => {}) });
    await world.clock.advance(10_000);
    expect(world.warnings.join()).toContain('The handler of orders, partition 0, offset 0 runs for');
  });
});

it('a structured logger that throws leaves its line to the console, and nothing else', () => {
  const before = console.error;
  const lines: unknown[] = [];
  console.error = (line) => lines.push(line);
  try {
    const logger = safeLogger(
      structuredLogger(() => {
        throw new Error('full');
      }),
    );
    logger.error('told');
  } finally {
    console.error = before;
  }
  expect(lines).toEqual(['told']);
});

it('plain loggers get text alone', async () => {
  const world = new Consumers();
  const calls: unknown[][] = [];
  const take = (...given: unknown[]) => void calls.push(given);
  const logger = { info: take, warn: take, error: take };
  createVeloOn(world.cluster.open, { env: { VELOSTREAM_RETRY_STRATEGY: 'x' }, logger });
  expect(calls).toEqual([[expect.stringContaining('VELOSTREAM_RETRY_STRATEGY')]]);
});
