import { readFileSync } from 'node:fs';
import { PermanentError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { createVeloOn, type VeloOptions } from '../../src/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { bindMemory } from './memory-binding.js';
import { MemoryKafka } from './memory-kafka.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A Kafka with `orders` of two partitions, and what its logs hold. */
function stage() {
  const kafka = new MemoryKafka();
  kafka.createTopic('orders', 2);
  const clock = new VirtualClock();
  const options: VeloOptions = { clock, env: {}, logger: { info() {}, warn() {}, error() {} } };
  const produce = (partition: number, ...values: string[]) => {
    for (const value of values)
      kafka.append(
        { topic: 'orders', partition },
        { timestamp: clock.wallTime(), key: null, value: Buffer.from(value), headers: [] },
      );
  };
  const values = (topic: string, partition = 0) =>
    kafka.log({ topic, partition }).map(({ value }) => value?.toString());
  return { kafka, clock, produce, values, velo: () => createVeloOn(() => bindMemory(kafka), options) };
}

/** Closing waits by the clock, which stands still otherwise. */
async function ended(clock: VirtualClock, closing: Promise<unknown>): Promise<void> {
  await clock.advance(60_000);
  await closing;
  expect(clock.pending).toBe(0);
}

describe('the example of a binding', () => {
  it('handles, waits in a tier, dead-letters and commits', async () => {
    const { kafka, clock, produce, values, velo } = stage();
    const handled: string[] = [];
    const opened = velo();
    const consumer = opened.consumer<string>({
      groupId: 'billing',
      topics: ['orders'],
      startFrom: 'earliest',
      decode: ({ value }) => String(value),
      handler: (text, { tier }) => {
        if (text === 'never') throw new PermanentError('never');
        if (text === 'later' && tier === 0) throw new Error('later');
        handled.push(`${text} in tier ${tier}`);
      },
      retry: { inPlace: { maxAttempts: 1 }, tiers: ['1m'] },
    });
    produce(0, 'a', 'never', 'later', 'b');
    const started = consumer.start();
    await clock.advance(30_000);
    await started;
    expect(handled).toEqual(['a in tier 0', 'b in tier 0']);
    expect(values('orders-billing-dlt')).toEqual(['never']);
    await clock.advance(60_000);
    expect(handled).toEqual(['a in tier 0', 'b in tier 0', 'later in tier 1']);
    expect(kafka.committed('billing', { topic: 'orders', partition: 0 })?.offset).toBe(4);
    expect(kafka.committed('billing', { topic: 'orders-billing-retry-1m', partition: 0 })?.offset).toBe(1);
    await ended(clock, opened.close());
  });

  it('shares partitions with a second member, and nothing is lost or handled twice', async () => {
    const { clock, produce, velo } = stage();
    const handled: string[] = [];
    const members = [velo(), velo()];
    const consumers = members.map((member, i) =>
      member.consumer<string>({
        groupId: 'billing',
        topics: ['orders'],
        startFrom: 'earliest',
        decode: ({ value }) => String(value),
        handler: (text) => void handled.push(`${text} by ${i}`),
      }),
    );
    for (const consumer of consumers) {
      const started = consumer.start();
      await clock.advance(10_000);
      await started;
      produce(0, 'a');
      produce(1, 'b');
      await clock.advance(1_000);
    }
    expect([...handled].sort()).toEqual(['a by 0', 'a by 0', 'b by 0', 'b by 1']);
    await ended(clock, Promise.all(members.map((member) => member.close())));
  });

  it('writes what is produced', async () => {
    const { clock, values, velo } = stage();
    const opened = velo();
    const producer = opened.producer();
    const messages = [{ key: 'k', value: 'a', partition: 1 }];
    expect(await producer.send({ topic: 'orders', messages })).toEqual([
      { topic: 'orders', partition: 1, offset: '0' },
    ]);
    expect(values('orders', 1)).toEqual(['a']);
    await ended(clock, opened.close());
  });

  it('is what ARCHITECTURE.md shows', () => {
    const shown = read('./memory-binding.ts').replace("'../../src/index.js'", "'@velo/engine'");
    expect(read('../../../../ARCHITECTURE.md')).toContain(`\`\`\`ts\n${shown}\`\`\`\n`);
  });
});
