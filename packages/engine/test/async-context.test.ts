import { AsyncLocalStorage } from 'node:async_hooks';
import { sleep } from '@velo/retry-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Consumers, text } from './support/consumers.js';

const entered = new AsyncLocalStorage<string>();
const never = new AbortController().signal;

let consumers: Consumers;

beforeEach(() => {
  consumers = new Consumers();
  consumers.cluster.create('orders', 1);
});

afterEach(() => consumers.end());

describe('the async context of a handler', () => {
  it.each([
    { how: 'succeeds at once', end: () => {} },
    { how: 'succeeds after a turn', end: async () => {} },
    { how: 'succeeds in a while', end: () => sleep(10, never, consumers.clock) },
    {
      how: 'fails',
      end: () => {
        throw new Error('busy');
      },
    },
  ])('that $how is that of start(), whatever the attempt before has entered', async ({ end }) => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'a', 'b', 'c');
    const seen: (string | undefined)[] = [];
    entered.run('start', () =>
      consumers.start({
        retry: { inPlace: { maxAttempts: 2 }, tiers: ['1s'] },
        handler: (record) => {
          seen.push(entered.getStore());
          entered.enterWith(`the context of ${text(record)}`);
          return end();
        },
      }),
    );
    await entered.run('the client', () => clock.advance(60_000));
    expect(new Set(seen)).toEqual(new Set(['start']));
    expect(seen.length).toBeGreaterThanOrEqual(3);
  });

  it('is that of its decoder', async () => {
    const { cluster, clock } = consumers;
    cluster.produce('orders', 0, 'a', 'b');
    const seen: unknown[] = [];
    consumers.start({
      decode: (record) => {
        seen.push(entered.getStore());
        entered.enterWith(`decoded ${text(record)}`);
        return record;
      },
      handler: () => void seen.push(entered.getStore()),
    });
    await clock.advance(1_000);
    expect(seen).toEqual([undefined, 'decoded a', undefined, 'decoded b']);
  });
});
