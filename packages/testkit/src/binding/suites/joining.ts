import { describe, expect } from 'vitest';
import { GROUP_AUTHORIZATION_FAILED } from '../../support/broker-codes.js';
import { uniqueName } from '../../support/names.js';
import { sleep } from '../../support/until.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { sockets } from '../sockets.js';
import { until } from '../until.js';

/** The broker answers no member of a new group earlier, ms. */
const GROUP_REBALANCE_DELAY = 50;

export function joining(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('join', () => {
    it('resolves when the member has joined, and tells what it owns', async ({ join, told, p0, p1 }) => {
      await join();
      expect(told.assignments).toEqual([[p0, p1]]);
    });

    it('gives a member that has transactions where the client says so', async ({ client, join }) => {
      const { transactions } = await join();
      expect(transactions !== undefined).toBe(client.capabilities.transactions !== undefined);
    });

    it('rejects for a missing topic, which it does not create', async ({ client, topic, groupId, told }) => {
      const missing = uniqueName('topic');
      await expect(client.join({ groupId, topics: [topic, missing] }, told)).rejects.toMatchObject({
        code: 3,
      });
      expect(await client.partitionCount(missing)).toBe(0);
      expect(told.crashes).toEqual([]);
    });

    it('rejects with the reason, and leaves nothing behind', async ({ broker, join, told }) => {
      const before = sockets();
      broker.pushErrors('JoinGroup', Array(5).fill(GROUP_AUTHORIZATION_FAILED));
      await expect(join()).rejects.toMatchObject({ code: GROUP_AUTHORIZATION_FAILED });
      await until(() => sockets() === before);
      await sleep(50);
      expect(told.crashes).toEqual([]);
      expect(told.assignments).toEqual([]);
    });

    it.for([0, 5, 20, 50, 70, 100])(
      'that close overtakes after %i ms rejects, or has joined, and leaves nothing behind',
      async (ms, { broker, client, join }) => {
        const before = sockets();
        const outcome = join().then(
          () => 'joined',
          (error: { code: unknown }) => error.code,
        );
        await sleep(ms);
        await client.close();
        expect(['VELO_CLOSED', ...(ms < GROUP_REBALANCE_DELAY ? [] : ['joined'])]).toContain(await outcome);
        await until(() => sockets() === before);
        broker.clearRequests();
        await sleep(300);
        expect(broker.requests()).toEqual([]);
      },
    );
  });
}
