import { beforeEach, describe, expect, it } from 'vitest';
import type { ClientBinding } from '../src/binding/binding.js';
import { missingTopic } from '../src/binding/broker-errors.js';
import { planConsumer } from '../src/plan/plan.js';
import { Topology } from '../src/topology/topology.js';
import { kafkaError } from './support/memory-cluster.js';
import { VirtualClock } from './support/virtual-clock.js';

const OWN = 'orders-billing-dlt';
/** How long a topic may be missing, ms. */
const LIMIT = 60_000;

let clock: VirtualClock;
let there: boolean;
let outage: Error | undefined;
let topology: Topology;

/** Of a consumer that may not create topics; its own topic is there. */
beforeEach(async () => {
  clock = new VirtualClock();
  there = true;
  outage = undefined;
  const client = {
    partitionCount: async (topic: string) => {
      if (outage !== undefined) throw outage;
      return topic === OWN && !there ? 0 : 2;
    },
  } as unknown as ClientBinding;
  const plan = planConsumer(
    { groupId: 'billing', topics: ['orders'], topology: { create: 'never' }, handler: () => {} },
    LIMIT,
  );
  topology = new Topology({
    client,
    plan,
    strict: false,
    signal: new AbortController().signal,
    clock,
    warn: () => {},
    waitFor: async (topic) => {
      if (topic === OWN && !there) throw missingTopic(topic);
      return 2;
    },
  });
  await topology.prepare();
});

const codeOf = async (looking: Promise<void> | undefined) => {
  try {
    await looking;
    return 'ready';
  } catch (error) {
    return (error as { code: unknown }).code;
  }
};

describe('a topic of velo’s own that a copy could not find', () => {
  it('is not looked at before, nor is a topic of somebody else', () => {
    expect(topology.ready(OWN)).toBeUndefined();
    expect(topology.ready('strange')).toBeUndefined();
    topology.doubt('strange');
    expect(topology.ready('strange')).toBeUndefined();
  });

  it('is looked at once by all who ask at the same time, and then known again', async () => {
    topology.doubt(OWN);
    const looking = topology.ready(OWN);
    expect(topology.ready(OWN)).toBe(looking);
    expect(await codeOf(looking)).toBe('ready');
    expect(topology.ready(OWN)).toBeUndefined();
  });

  it('may be missing for as long as is configured, since the first doubt', async () => {
    there = false;
    topology.doubt(OWN);
    await clock.advance(LIMIT - 1);
    topology.doubt(OWN);
    expect(await codeOf(topology.ready(OWN))).toBe(3);
    await clock.advance(1);
    expect(await codeOf(topology.ready(OWN))).toBe('VELO_TOPOLOGY');
  });

  it('begins anew with its time once it was found', async () => {
    there = false;
    topology.doubt(OWN);
    await clock.advance(LIMIT - 1);
    there = true;
    expect(await codeOf(topology.ready(OWN))).toBe('ready');
    there = false;
    topology.doubt(OWN);
    await clock.advance(LIMIT - 1);
    expect(await codeOf(topology.ready(OWN))).toBe(3);
  });

  it('is not lost because brokers cannot be asked', async () => {
    topology.doubt(OWN);
    await clock.advance(10 * LIMIT);
    outage = kafkaError(7, 'timed out');
    await expect(topology.ready(OWN)).rejects.toBe(outage);
  });
});
