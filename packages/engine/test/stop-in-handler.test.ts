import { PermanentError, sleep } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { type ConsumerInTest, Consumers, text } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';

const LEADER_NOT_AVAILABLE = 5;

let consumers: Consumers;
let handled: (string | null)[];

beforeEach(() => {
  consumers = new Consumers();
  handled = [];
  consumers.cluster.create('orders', 2);
});

afterEach(() => consumers.end());

const never = new AbortController().signal;

describe('a handler that calls stop()', () => {
  /** The first member's handler stops its consumer, then goes on; a second member reads what is left. */
  async function stoppedBy(
    rest: (stopping: Promise<void>) => unknown,
    config: Partial<ConsumerConfig> = {},
  ): Promise<ConsumerInTest> {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'a', 'b');
    const first: ConsumerInTest = consumers.start(
      {
        handler: (record) => {
          handled.push(text(record));
          return rest(first.consumer.stop());
        },
        ...config,
      },
      'stopped',
      'deadLetter',
    );
    await clock.advance(60_000);
    consumers.start({ handler: (record) => void handled.push(text(record)) });
    await clock.advance(1_000);
    return first;
  }

  it.each([
    { how: 'at once', rest: () => {} },
    { how: 'in a while', rest: () => sleep(1_000, never, consumers.clock) },
    { how: 'after a turn', rest: async () => {} },
  ])('and succeeds $how has handled its record, once', async ({ rest }) => {
    const { told } = await stoppedBy(rest);
    expect(handled).toEqual(['a', 'b']);
    expect(told('stopped')).toEqual([{ finished: true }]);
  });

  it('before start() has resolved does not reject it: it has started', async () => {
    // Where the other partition begins is not known yet, so start() waits.
    consumers.cluster.leaderless.add('orders 1');
    const { joined, consumer } = await stoppedBy(() => {});
    await expect(joined).resolves.toBeUndefined();
    expect(consumer.health().state).toBe('stopped');
  });

  it('and fails for good in a while has its record among the dead letters, once', async () => {
    const { told } = await stoppedBy(async () => {
      await sleep(1_000, never, consumers.clock);
      throw new PermanentError('never');
    });
    expect(handled).toEqual(['a', 'b']);
    expect(told('deadLetter')).toHaveLength(1);
    expect(consumers.cluster.values('orders-billing-dlt')).toEqual(['a']);
  });

  it('and waits for it is aborted at the limit: its record comes again, and the log has told why', async () => {
    const { told } = await stoppedBy((stopping) => stopping);
    expect(handled).toEqual(['a', 'a', 'b']);
    expect(told('stopped')).toEqual([{ finished: false }]);
    expect(consumers.warnings).toHaveLength(1);
    expect(consumers.warnings[0]).toMatch(/orders, partition 0, offset 0\..*after 12s more.*without await/);
  });
});

describe('a stop that takes long', () => {
  async function stopping(timeout: number, config: Partial<ConsumerConfig>): Promise<string[]> {
    const { clock, warnings } = consumers;
    const { consumer } = consumers.start(config);
    await clock.advance(1_000);
    const before = warnings.length;
    const stopped = consumer.stop({ timeout });
    await clock.advance(2_999);
    expect(warnings).toHaveLength(before);
    await clock.advance(60_000);
    await stopped;
    return warnings.filter((text) => text.includes(' stops, and waits'));
  }

  const slow: Partial<ConsumerConfig> = { handler: () => sleep(20_000, never, consumers.clock) };

  it('names the records whose handlers it waits for, once', async () => {
    const { cluster } = consumers;
    cluster.create('orders', 5);
    for (const partition of [0, 1, 2, 3, 4]) cluster.produce('orders', partition, 'a');
    const warnings = await stopping(30_000, slow);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('orders, partition 2, offset 0, and 2 more. Nothing is lost');
  });

  it('tells that it waits for copies', async () => {
    const { cluster } = consumers;
    cluster.onPublish = () => kafkaError(LEADER_NOT_AVAILABLE);
    cluster.produce('orders', 0, 'a');
    const handler = () => {
      throw new PermanentError('never');
    };
    const warnings = await stopping(30_000, { handler });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/copies that the brokers have not acknowledged \(1\).*publishFailed/);
  });

  it('says nothing where its limit is sooner', async () => {
    consumers.cluster.produce('orders', 0, 'a');
    expect(await stopping(2_000, slow)).toEqual([]);
  });
});
