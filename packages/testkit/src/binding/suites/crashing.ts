import { describe, expect } from 'vitest';
import { TOPIC_AUTHORIZATION_FAILED } from '../../support/broker-codes.js';
import { sleep } from '../../support/until.js';
import { bindingTest } from '../binding-test.js';
import type { BindingUnderTest } from '../binding-under-test.js';
import { brokerCode } from '../broker-code.js';
import { sockets } from '../sockets.js';
import { until } from '../until.js';

export function crashing(binding: BindingUnderTest): void {
  const it = bindingTest(binding);

  describe('a crash', () => {
    it('is told once, and nothing is fed or left after it', async ({
      broker,
      client,
      join,
      write,
      told,
      p0,
    }) => {
      const before = sockets();
      const member = await join();
      broker.pushErrors('Fetch', Array(3).fill(TOPIC_AUTHORIZATION_FAILED));
      await until(() => told.crashes.length > 0);
      broker.clearErrors('Fetch');
      await write(0, 'a');
      await sleep(700);
      expect(told.crashes.map(brokerCode)).toEqual([TOPIC_AUTHORIZATION_FAILED]);
      expect(told.all).toEqual([]);
      member.pause([p0]);
      await member.stop();
      await client.close();
      await until(() => sockets() === before);
    });

    it('is not told after stop', async ({ broker, join, told }) => {
      const member = await join();
      broker.pushErrors('Fetch', Array(3).fill(TOPIC_AUTHORIZATION_FAILED));
      await member.stop();
      await sleep(100);
      expect(told.crashes).toEqual([]);
    });
  });
}
