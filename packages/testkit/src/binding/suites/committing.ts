import { describe, expect } from 'vitest';
import { ILLEGAL_GENERATION, INVALID_COMMIT_OFFSET_SIZE } from '../../support/broker-codes.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { sockets } from '../sockets.js';
import { until } from '../until.js';

export function committing(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('commit', () => {
    it('has committed when it resolves, with metadata where the client can', async ({
      client,
      groupId,
      join,
      write,
      told,
      p0,
      p1,
    }) => {
      const member = await join();
      await write(0, 'a');
      await until(() => told.all.length === 1);
      await member.commit([
        { ...p0, offset: 1, metadata: 'one' },
        { ...p1, offset: 0 },
      ]);
      expect(await client.committed(groupId, [p1, p0])).toEqual([
        { offset: 0, metadata: '' },
        { offset: 1, metadata: client.capabilities.offsetMetadata ? 'one' : '' },
      ]);
      await member.commit([]);
    });

    it('has committed also before the first record', async ({ client, groupId, join, p0 }) => {
      const member = await join();
      await member.commit([{ ...p0, offset: 0 }]);
      expect(await client.committed(groupId, [p0])).toEqual([{ offset: 0, metadata: '' }]);
    });

    it('tells commits apart that are under way together', async ({ broker, join, write, told, p0 }) => {
      const member = await join();
      await write(0, 'a', 'b', 'c');
      await until(() => told.all.length === 3);
      broker.pushErrors('OffsetCommit', [0, INVALID_COMMIT_OFFSET_SIZE]);
      const outcomes = await Promise.allSettled(
        [1, 2, 3].map((offset) => member.commit([{ ...p0, offset }])),
      );
      expect(outcomes).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: INVALID_COMMIT_OFFSET_SIZE } },
        { status: 'fulfilled' },
      ]);
    });

    it('rejects when the broker does', async ({ broker, client, groupId, join, write, told, p0 }) => {
      const member = await join();
      await write(0, 'a');
      await until(() => told.all.length === 1);
      broker.pushErrors('OffsetCommit', [ILLEGAL_GENERATION]);
      await expect(member.commit([{ ...p0, offset: 1 }])).rejects.toMatchObject({ code: ILLEGAL_GENERATION });
      expect(await client.committed(groupId, [p0])).toEqual([{ offset: -1, metadata: '' }]);
      expect(told.crashes).toEqual([]);
    });

    it('that is under way when stop is called is made; later ones reject and connect no more', async ({
      client,
      groupId,
      join,
      write,
      told,
      p0,
    }) => {
      const before = sockets();
      const member = await join();
      await write(0, 'a');
      await until(() => told.all.length === 1);
      const commit = member.commit([{ ...p0, offset: 1 }]);
      const stop = member.stop();
      await expect(member.commit([{ ...p0, offset: 1 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
      await Promise.all([commit, stop]);
      expect(await client.committed(groupId, [p0])).toEqual([{ offset: 1, metadata: '' }]);
      await client.close();
      await expect(member.commit([{ ...p0, offset: 1 }])).rejects.toMatchObject({ code: 'VELO_CLIENT' });
      await until(() => sockets() === before);
    });
  });
}
