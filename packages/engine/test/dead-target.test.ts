import { PermanentError } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConsumerConfig } from '../src/plan/config.js';
import { Consumers, text } from './support/consumers.js';
import { kafkaError } from './support/memory-cluster.js';
import { MemoryTransactions } from './support/memory-transactions.js';

const DLT = 'orders-billing-dlt';
const LEADER_NOT_AVAILABLE = 5;
/** ms. After so long the client gives up a write to a partition without a leader. */
const WRITE_LIMIT = 5_000;

const series = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name} ${i}`);

let consumers: Consumers;
/** The partition of the dead letters that cannot be written to. */
let dead: number | undefined;

beforeEach(() => {
  consumers = new Consumers();
  dead = 0;
  const { cluster, clock } = consumers;
  cluster.create('orders', 2);
  cluster.onPublish = async ({ topic, partition }) => {
    if (topic !== DLT || partition !== dead) return undefined;
    await new Promise<void>((resolve) => clock.schedule(WRITE_LIMIT, resolve));
    return kafkaError(LEADER_NOT_AVAILABLE);
  };
});

afterEach(() => {
  dead = undefined;
  return consumers.end();
});

describe.each(['at-least-once', 'by-partition', 'by-member'] as const)(
  'a partition of the dead letters without a leader, copies %s',
  (mode) => {
    function start() {
      const { cluster } = consumers;
      if (mode !== 'at-least-once') cluster.transactions = new MemoryTransactions(cluster, mode);
      const handled: (string | null)[] = [];
      const config: Partial<ConsumerConfig> = {
        // Thousands in a row are to become dead letters.
        flow: { guard: false },
        handOff: mode === 'at-least-once' ? mode : 'transactional',
        handler: (record) => {
          if (text(record)?.startsWith('bad')) throw new PermanentError('never');
          handled.push(text(record));
        },
      };
      return { ...consumers.start(config, 'publishFailed', 'deadLetter'), handled };
    }

    it('holds up no other partition', async () => {
      const { cluster, clock } = consumers;
      const { handled, consumer } = start();
      cluster.produce('orders', 0, ...series('bad', 3_000));
      await clock.advance(100);
      for (let i = 0; i < 20; i++) {
        cluster.produce('orders', 1, `good ${i}`);
        await clock.advance(500);
      }
      expect(handled).toEqual(series('good', 20));
      expect(consumer.health().state).toBe('retrying');
      expect(cluster.committedOffset('orders', 1)).toBe(20);
    });

    it('holds up no copies for other partitions', async () => {
      const { cluster, clock } = consumers;
      const { told } = start();
      cluster.produce('orders', 0, ...series('bad', 3_000));
      cluster.produce('orders', 1, ...series('bad', 1_500));
      await clock.advance(20_000);
      expect(cluster.log(DLT, 1)).toHaveLength(1_500);
      expect(cluster.committedOffset('orders', 1)).toBe(1_500);
      // Each record that fails later waits for one write to the dead partition at most.
      for (let i = 0; i < 10; i++) {
        cluster.produce('orders', 1, `bad ${i}`);
        await clock.advance(WRITE_LIMIT + 1_000);
        expect(cluster.log(DLT, 1)).toHaveLength(1_501 + i);
      }
      expect(new Set(told('publishFailed').map(({ partition }) => partition))).toEqual(new Set([0]));
    });

    it('gets all of its copies once it has one', async () => {
      const { cluster, clock } = consumers;
      const { consumer } = start();
      cluster.produce('orders', 0, ...series('bad', 3_000));
      cluster.produce('orders', 1, ...series('bad', 10));
      await clock.advance(30_000);
      expect(cluster.log(DLT, 0)).toEqual([]);
      dead = undefined;
      // The other partition has copies all the time.
      for (let i = 10; i < 40; i++) {
        cluster.produce('orders', 1, `bad ${i}`);
        await clock.advance(1_000);
      }
      expect(cluster.values(DLT, 0)).toEqual(series('bad', 3_000));
      expect(cluster.values(DLT, 1)).toEqual(series('bad', 40));
      expect(cluster.committedOffset('orders', 0)).toBe(3_000);
      expect(consumer.health()).toMatchObject({ state: 'running', pendingHandOffs: 0 });
    });
  },
);
