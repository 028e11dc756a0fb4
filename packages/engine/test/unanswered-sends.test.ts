import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers } from './support/consumers.js';
import { MemoryTransactions } from './support/memory-transactions.js';

/** As both clients have it when a connection is closed before the answer. */
const closed = () => Object.assign(new Error('Closed connection'), { name: 'KafkaJSConnectionClosedError' });
const LARGE = 3_000_000;

describe.each(['at-least-once', 'transactional'] as const)(
  'a large copy without an answer, %s',
  (handOff) => {
    let consumers: Consumers;
    const sent: (boolean | undefined)[] = [];

    beforeEach(() => {
      consumers = new Consumers();
      sent.length = 0;
      if (handOff === 'transactional')
        consumers.cluster.transactions = new MemoryTransactions(consumers.cluster);
      consumers.cluster.create('orders');
      consumers.cluster.onPublish = ({ value, gzip }) => {
        if (value?.length !== LARGE) return undefined;
        sent.push(gzip);
        return gzip ? undefined : closed();
      };
    });
    afterEach(() => consumers.end());

    const start = (retry: object = {}) =>
      consumers.start(
        {
          handOff,
          handler: (_, { tier }) => {
            if (tier === 0) throw new Error('away');
          },
          retry: { inPlace: { maxAttempts: 1 }, tiers: ['1s'] },
          ...retry,
        },
        'publishFailed',
        'publishRefused',
        'handOff',
        'success',
        'skipped',
      );

    it('is too large for the broker, once that has answered other requests three times', async () => {
      const { cluster, clock } = consumers;
      const { joined, told, consumer } = start();
      await joined;
      cluster.produce('orders', 0, { value: Buffer.alloc(LARGE) }, 'after');
      await clock.advance(60_000);
      expect(sent).toEqual([undefined, undefined, undefined, true]);
      expect(told('publishFailed')).toHaveLength(2);
      expect(told('publishRefused')).toHaveLength(1);
      expect(told('publishRefused')[0]).toMatchObject({ error: { code: 10 } });
      expect(told('publishRefused')[0]?.explanation).toContain('socket.request.max.bytes');
      expect(told('success')).toHaveLength(2);
      expect(consumer.health().state).toBe('running');
      expect(cluster.committedOffset('orders')).toBe(2);
    });

    it('goes on being tried while the broker answers nothing else either', async () => {
      const { cluster, clock } = consumers;
      const { joined, told } = start({ refused: 'skip' });
      await joined;
      cluster.onOffsets = () => {
        throw closed();
      };
      cluster.produce('orders', 0, { value: Buffer.alloc(LARGE) });
      await clock.advance(60_000);
      // By transaction, the partition waits for its position as well.
      expect(sent.length).toBeGreaterThan(handOff === 'transactional' ? 0 : 8);
      expect(told('publishRefused')).toEqual([]);
      cluster.onOffsets = () => {};
      cluster.onPublish = () => undefined;
      await clock.advance(60_000);
      expect(told('success')).toHaveLength(1);
      expect(told('skipped')).toEqual([]);
    });

    it('is no matter of size below a megabyte', async () => {
      const { cluster, clock } = consumers;
      const { joined, told } = start({ refused: 'skip' });
      await joined;
      cluster.onPublish = ({ topic }) => (topic === 'orders' ? undefined : closed());
      cluster.produce('orders', 0, { value: Buffer.alloc(500_000) });
      await clock.advance(120_000);
      expect(told('publishFailed').length).toBeGreaterThan(8);
      expect(told('publishRefused')).toEqual([]);
    });
  },
);
