import { afterEach, beforeEach, expect, it } from 'vitest';
import { createVeloOn } from '../src/velo.js';
import { kafkaError, MemoryCluster } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

/** As node-rdkafka is: header values are text, and others travel in base64. */
let cluster: MemoryCluster;
let clock: VirtualClock;

beforeEach(() => {
  cluster = new MemoryCluster();
  clock = new VirtualClock();
  cluster.wallTime = () => clock.wallTime();
});
afterEach(() => expect(clock.pending).toBe(0));

it('a copy that its encoded headers alone make too large goes down the ladder, and the reason is named', async () => {
  cluster.create('orders');
  const signature = Buffer.alloc(900_000, 0xff);
  cluster.onPublish = ({ headers, gzip }) => {
    const bytes = headers.reduce((sum, [, value]) => sum + (value?.length ?? 0), 0);
    return bytes > 1_000_000 && !gzip ? kafkaError(10, 'too large') : undefined;
  };
  const textOnly = () => {
    const client = cluster.open();
    return { ...client, capabilities: { ...client.capabilities, binaryHeaders: false } };
  };
  const velo = createVeloOn(textOnly, { clock, env: {}, logger: { info() {}, warn() {}, error() {} } });
  const explanations: string[] = [];
  const signatures: number[] = [];
  const consumer = velo.consumer({
    groupId: 'billing',
    topics: ['orders'],
    startFrom: 'earliest',
    retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s'] },
    handler: ({ headers }, { tier }) => {
      if (tier === 0) throw new Error('away');
      signatures.push(headers.get('signature')?.length ?? 0);
    },
  });
  consumer.on('publishRefused', ({ explanation }) => explanations.push(explanation));
  await consumer.start();
  cluster.produce('orders', 0, { headers: [['signature', signature]] });
  await clock.advance(10_000);
  expect(explanations).toHaveLength(1);
  expect(explanations[0]).toMatch(/3000\d\d bytes of it come from its headers.*base64/);
  expect(signatures).toEqual([signature.length]);
  const closing = velo.close();
  await clock.advance(120_000);
  await closing;
});
