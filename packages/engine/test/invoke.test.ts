import { describe, expect, it } from 'vitest';
import { overwrittenPromises, thenables } from '../../retry-core/test/support/thenables.js';
import { AttemptContext } from '../src/attempts/attempt-context.js';
import { DecodeFailure, invoke } from '../src/attempts/invoke.js';
import type { ConsumerConfig } from '../src/plan/config.js';
import { planConsumer } from '../src/plan/plan.js';
import type { Route } from '../src/plan/plan-topic.js';
import { recordAt } from './support/lane-in-test.js';
import { VirtualClock } from './support/virtual-clock.js';

/** Runs one attempt: how it has ended, and the timers that it has left. */
async function attempt(config: Partial<ConsumerConfig>) {
  const clock = new VirtualClock();
  const plan = planConsumer({ groupId: 'billing', topics: ['orders'], handler: () => {}, ...config }, 0);
  const [route] = plan.routes.values();
  const context = new AttemptContext(recordAt(0), 1, 0, undefined);
  let error: unknown;
  let ended = 'done';
  let synchronous = false;
  try {
    const end = invoke(route as Route, context.record, context, clock, () => {});
    synchronous = end === undefined;
    await end;
  } catch (thrown) {
    error = thrown;
    ended = 'failed';
  }
  return { ended, error, synchronous, timers: clock.pending, clock, context };
}

const awaited = async (make: () => unknown) => {
  try {
    await make();
    return 'done';
  } catch {
    return 'failed';
  }
};

describe.each([undefined, '1s'] as const)('with a handlerTimeout of %s', (handlerTimeout) => {
  it.each(Object.entries(thenables))(
    'what a handler returns is awaited as `await` does: %s',
    async (_, make) => {
      const { ended, timers } = await attempt({ handler: make, handlerTimeout });
      expect(ended).toBe(await awaited(make));
      expect(timers).toBe(0);
    },
  );

  it.each(Object.entries(thenables))(
    'so is what `decode` returns, whose failure is told: %s',
    async (_, make) => {
      const { ended, error, timers } = await attempt({ decode: make as never, handlerTimeout });
      expect(ended).toBe(await awaited(make));
      expect(error instanceof DecodeFailure).toBe(ended === 'failed');
      expect(timers).toBe(0);
    },
  );

  it.each(Object.entries(overwrittenPromises))('a `then` of its own is no success: %s', async (_, make) => {
    expect(await attempt({ handler: make, handlerTimeout })).toMatchObject({ ended: 'failed', timers: 0 });
    expect(await attempt({ decode: make as never, handlerTimeout })).toMatchObject({
      ended: 'failed',
      error: expect.any(DecodeFailure),
      timers: 0,
    });
  });

  it('a handler that returns at once costs no promise', async () => {
    for (const value of [undefined, null, 5, 'x', {}, []])
      expect(await attempt({ handler: () => value, handlerTimeout })).toMatchObject({
        synchronous: true,
        timers: 0,
      });
  });
});
