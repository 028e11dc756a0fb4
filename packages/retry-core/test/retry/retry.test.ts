import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RetryMetrics } from '../../src/metrics/retry-metrics.js';
import { createRetrier } from '../../src/retry/create-retrier.js';
import type { RetryContext, RetryOptions } from '../../src/retry/options.js';
import { retry } from '../../src/retry/retry.js';
import { exponential } from '../../src/strategies/exponential.js';
import { fixed } from '../../src/strategies/fixed.js';
import type { RetryOutcome } from '../../src/strategies/strategy.js';
import { isVeloError, PermanentError, RetriableError, RetriesExhaustedError } from '../../src/velo-error.js';
import { failing, recorder, rejection, settle, VirtualTime } from './harness.js';

const boom = new Error('connection refused');
const strange = new Error('boom');

/** Options in virtual time. */
function virtual(options: RetryOptions = {}): { time: VirtualTime; options: RetryOptions } {
  const time = new VirtualTime();
  return {
    time,
    options: { sleep: time.sleep, now: time.now, clock: time, strategy: fixed(100), ...options },
  };
}

/** A thenable that is no promise. */
function thenable(
  settle: (done: (value: string) => void, fail: (error: unknown) => void) => void,
): PromiseLike<string> {
  // biome-ignore lint/suspicious/noThenProperty: it is the subject
  return { then: settle } as PromiseLike<string>;
}

let unhandled: unknown[];
const collect = (reason: unknown): void => void unhandled.push(reason);
beforeEach(() => {
  unhandled = [];
  process.on('unhandledRejection', collect);
});
afterEach(async () => {
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', collect);
  expect(unhandled).toEqual([]);
});

describe('retry', () => {
  it.each([
    { name: 'a promise', operation: async () => 'done' },
    { name: 'a plain value', operation: () => 'done' },
    {
      name: 'a thenable',
      operation: () => thenable((done) => done('done')),
    },
  ])('gives back the result of the first call: $name', async ({ operation }) => {
    expect(await retry(operation)).toBe('done');
  });

  it('calls until one call succeeds, and tells each its number', async () => {
    const { time, options } = virtual({ strategy: exponential({ initial: 100, multiplier: 2, max: 1_000 }) });
    const operation = failing(boom, boom, boom);
    expect(await retry(operation, options)).toBe('done');
    expect(operation.contexts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    expect(time.waits).toEqual([100, 200, 400]);
  });

  it('handles a synchronous throw like a rejection', async () => {
    const { options } = virtual();
    let calls = 0;
    const result = retry(() => {
      if (++calls < 3) throw boom;
      return 'done';
    }, options);
    expect(await result).toBe('done');
  });

  it('handles a thenable that rejects or throws', async () => {
    const { options } = virtual();
    let calls = 0;
    const operation = (): PromiseLike<string> =>
      thenable((done, fail) => {
        calls++;
        if (calls === 1) throw boom;
        if (calls === 2) fail(boom);
        else done('done');
      });
    expect(await retry(operation, options)).toBe('done');
  });

  it('gives up after maxAttempts calls, the first included', async () => {
    const { time, options } = virtual({ maxAttempts: 3 });
    const operation = failing(...Array(9).fill(boom));
    const error = (await rejection(retry(operation, options))) as RetriesExhaustedError;
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error).toMatchObject({
      code: 'VELO_RETRIES_EXHAUSTED',
      attempts: 3,
      elapsed: 200,
      category: 'NetworkIssue',
    });
    expect(error.cause).toBe(boom);
    expect(operation.contexts).toHaveLength(3);
    expect(time.waits).toEqual([100, 100]);
  });

  it.each([
    { error: boom, attempts: 5 },
    { error: strange, attempts: 3 },
  ])('makes $attempts attempts by default after "$error.message"', async ({ error, attempts }) => {
    const { options } = virtual();
    const operation = failing(...Array(9).fill(error));
    await rejection(retry(operation, options));
    expect(operation.contexts).toHaveLength(attempts);
  });

  it('makes as many attempts as it is told, whatever the category', async () => {
    const { options } = virtual({ maxAttempts: 7 });
    const operation = failing(...Array(9).fill(strange));
    await rejection(retry(operation, options));
    expect(operation.contexts).toHaveLength(7);
  });

  it('waits by default from half to all of 2 s, 3 s, 4.5 s', async () => {
    for (const random of [0, 0.5]) {
      const time = new VirtualTime();
      await retry(failing(boom, boom, boom), { sleep: time.sleep, random: () => random });
      expect(time.waits).toEqual(random === 0 ? [1_000, 1_500, 2_250] : [1_500, 2_250, 3_375]);
    }
  });

  it.each([
    { name: 'undefined', error: undefined },
    { name: 'null', error: null },
    { name: 'a text', error: 'boom' },
    { name: 'a symbol', error: Symbol('boom') },
    { name: 'an object without a prototype', error: Object.create(null) },
    {
      name: 'a hostile proxy',
      error: new Proxy(
        {},
        {
          get: () => {
            throw strange;
          },
          has: () => {
            throw strange;
          },
          getPrototypeOf: () => {
            throw strange;
          },
        },
      ),
    },
  ])('retries $name, too', async ({ error }) => {
    const { options } = virtual();
    expect(await retry(failing(error), options)).toBe('done');
    const end = (await rejection(
      retry(failing(error, error), { ...options, maxAttempts: 2 }),
    )) as RetriesExhaustedError;
    expect(end.code).toBe('VELO_RETRIES_EXHAUSTED');
    expect(Object.is(end.cause, error)).toBe(true);
  });

  it('throws what is not worth a retry as it is', async () => {
    const { time, options } = virtual();
    const permanent = new PermanentError('no');
    expect(await rejection(retry(failing(boom, permanent), options))).toBe(permanent);
    expect(time.waits).toEqual([100]);
  });

  it('never retries a PermanentError, even if retryIf would', async () => {
    const { options } = virtual({ retryIf: () => true });
    const permanent = new PermanentError('no');
    expect(await rejection(retry(failing(permanent), options))).toBe(permanent);
  });

  it('asks retryIf about every other failure', async () => {
    const asked: unknown[] = [];
    const { options } = virtual({
      retryIf(error, failure) {
        asked.push([error, failure]);
        return failure.attempt < 2;
      },
    });
    const typo = new ReferenceError('x is not defined');
    expect(await rejection(retry(failing(typo, boom), options))).toBe(boom);
    expect(asked).toEqual([
      [typo, { attempt: 1, category: 'Unknown' }],
      [boom, { attempt: 2, category: 'NetworkIssue' }],
    ]);
  });

  it.each(['retryIf', 'onRetry'] as const)('ends with what %s throws', async (name) => {
    const { options } = virtual({
      [name]: () => {
        throw strange;
      },
    });
    expect(await rejection(retry(failing(boom), options))).toBe(strange);
  });

  it('waits at least as long as a RetriableError asks for', async () => {
    const { time, options } = virtual();
    await retry(failing(new RetriableError({ after: '3s' }), new RetriableError({ after: 5 })), options);
    expect(time.waits).toEqual([3_000, 100]);
  });

  it.each([NaN, -5, undefined as unknown as number])(
    'does not wait if a strategy answers %s',
    async (delay) => {
      const { time, options } = virtual({ strategy: { kind: 'own', delay: () => delay } });
      await retry(failing(boom), options);
      expect(time.waits).toEqual([0]);
    },
  );

  it('tells the strategy the index and the wait before', async () => {
    const asked: unknown[] = [];
    const strategy = { kind: 'own', delay: (...args: unknown[]) => asked.push(args) * 10 };
    const { options } = virtual({ strategy });
    await retry(failing(boom, boom, boom), options);
    expect(asked).toEqual([
      [0, undefined],
      [1, 10],
      [2, 20],
    ]);
  });

  it('lets the strategy observe how each attempt after a failure ended', async () => {
    const seen: RetryOutcome[] = [];
    const strategy = {
      kind: 'own',
      delay: () => 100,
      observe: (outcome: RetryOutcome) => void seen.push(outcome),
    };
    const { options } = virtual({ strategy });
    await retry(async () => 'at once', options);
    expect(seen).toEqual([]);
    await retry(failing(boom, strange), options);
    expect(seen).toEqual([
      { category: 'NetworkIssue', waited: 0, succeeded: false },
      { category: 'Unknown', waited: 100, succeeded: false },
      { category: 'Unknown', waited: 200, succeeded: true },
    ]);
  });

  it('tells onRetry before each wait', async () => {
    const { events, onRetry } = recorder();
    const { options } = virtual({ onRetry });
    await retry(failing(boom, strange), options);
    expect(events).toEqual([
      { attempt: 1, delay: 100, error: boom, category: 'NetworkIssue' },
      { attempt: 2, delay: 100, error: strange, category: 'Unknown' },
    ]);
  });

  it('counts elapsed time from the start where it was given a clock, the first call included', async () => {
    const { time, options } = virtual({ maxAttempts: 2 });
    const operation = async (): Promise<never> => {
      time.ms += 7;
      throw boom;
    };
    expect(await rejection(retry(operation, options))).toMatchObject({ elapsed: 114 });
  });

  it('rejects bad options', async () => {
    expect(
      isVeloError(await rejection(retry(async () => 'done', { maxAttempts: 0 })), 'VELO_INVALID_OPTION'),
    ).toBe(true);
  });

  it('makes min(failures + 1, maxAttempts) attempts and waits between them only', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.integer({ min: 1, max: 10 }), async (failures, maxAttempts) => {
        const metrics = new RetryMetrics();
        const { time, options } = virtual({ maxAttempts, metrics });
        const operation = failing(...Array(failures).fill(boom));
        await retry(operation, options).catch(() => {});
        const attempts = Math.min(failures + 1, maxAttempts);
        expect(operation.contexts).toHaveLength(attempts);
        expect(time.waits).toHaveLength(attempts - 1);
        expect(metrics.snapshot()).toMatchObject({
          attemptsTotal: attempts,
          successesTotal: failures < maxAttempts ? 1 : 0,
          errorsByCategory: { NetworkIssue: Math.min(failures, maxAttempts) },
        });
      }),
    );
  });
});

describe('createRetrier', () => {
  it.each([
    { maxAttempts: 0 },
    { maxAttempts: 1.5 },
    { maxAttempts: NaN },
    { maxAttempts: '3' as unknown as number },
    { timeout: 0 },
    { timeout: NaN },
    { timeout: 'soon' as '1s' },
    { attemptTimeout: 0 },
    { attemptTimeout: -1 },
    { strategy: 'exponential' as unknown as ReturnType<typeof fixed> },
    { strategy: null as unknown as ReturnType<typeof fixed> },
  ])('refuses %o at once', (options) => {
    expect(() => createRetrier(options)).toThrow(Object.keys(options)[0] as string);
  });

  it('takes Infinity as maxAttempts', async () => {
    const { options } = virtual({ maxAttempts: Infinity });
    expect(await createRetrier(options).run(failing(...Array(200).fill(strange)))).toBe('done');
  });

  it('runs many operations, also off the object', async () => {
    const { run } = createRetrier(virtual().options);
    expect(await Promise.all([run(failing(boom)), run(failing()), run(() => 5)])).toEqual([
      'done',
      'done',
      5,
    ]);
  });

  it('reads no clock while the first call succeeds, unless it was given one', async () => {
    const now = vi.spyOn(Date, 'now');
    const { run } = createRetrier({ metrics: new RetryMetrics() });
    await run(async () => 'done');
    await run(() => 'done');
    expect(now).not.toHaveBeenCalled();
    now.mockRestore();
  });

  it('makes a signal only when it is asked for, and the same each time', async () => {
    const Original = globalThis.AbortController;
    let made = 0;
    vi.stubGlobal(
      'AbortController',
      class extends Original {
        constructor() {
          super();
          made++;
        }
      },
    );
    const { run } = createRetrier();
    await run(async () => 'done');
    expect(made).toBe(0);
    const { first, second } = await run(async (context) => ({
      first: context.signal,
      second: context.signal,
    }));
    expect(first).toBe(second);
    expect(first.aborted).toBe(false);
    expect(made).toBe(1);
    vi.unstubAllGlobals();
  });

  it('hands out signals that can be taken apart from the context', async () => {
    expect(await createRetrier().run(({ attempt, signal }) => `${attempt} ${signal.aborted}`)).toBe(
      '1 false',
    );
  });
});

describe('an abort', () => {
  it('before the start makes no attempt', async () => {
    const operation = failing();
    const metrics = new RetryMetrics();
    expect(await rejection(retry(operation, { signal: AbortSignal.abort('no'), metrics }))).toBe('no');
    expect(operation.contexts).toHaveLength(0);
    expect(metrics.snapshot().attemptsTotal).toBe(0);
  });

  it.each([
    { name: 'the default sleep', sleep: undefined },
    { name: 'a sleep that does not heed it', sleep: () => new Promise<void>(() => {}) },
  ])('cuts a wait at once, with its reason: $name', async ({ sleep }) => {
    const controller = new AbortController();
    const time = new VirtualTime();
    const result = retry(failing(boom), {
      signal: controller.signal,
      clock: time,
      strategy: fixed('1h'),
      sleep,
    });
    await settle();
    expect(time.pending).toBe(sleep ? 0 : 1);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await rejection(result)).toBe(reason);
    expect(time.pending).toBe(0);
  });

  it('ends an attempt that does not heed it, and is seen by one that does', async () => {
    const controller = new AbortController();
    const metrics = new RetryMetrics();
    let seen: AbortSignal | undefined;
    const result = retry(
      ({ signal }) => {
        seen = signal;
        return new Promise(() => {});
      },
      { signal: controller.signal, metrics },
    );
    controller.abort('enough');
    expect(await rejection(result)).toBe('enough');
    expect(seen?.aborted).toBe(true);
    expect(seen?.reason).toBe('enough');
    expect(metrics.snapshot()).toMatchObject({
      attemptsTotal: 1,
      successesTotal: 0,
      errorsByCategory: { Unknown: 0 },
    });
  });

  it('is no passing failure: an attempt that fails under it is not retried', async () => {
    const controller = new AbortController();
    const { time, options } = virtual({ signal: controller.signal });
    const result = retry(async () => {
      controller.abort('enough');
      throw boom;
    }, options);
    expect(await rejection(result)).toBe('enough');
    expect(time.waits).toEqual([]);
  });

  it('between a failure and its wait ends the run', async () => {
    const controller = new AbortController();
    const { options } = virtual({ signal: controller.signal, onRetry: () => controller.abort('enough') });
    expect(await rejection(retry(failing(boom), options))).toBe('enough');
  });

  it('leaves no listener behind, however the run ends', async () => {
    const controller = new AbortController();
    const add = vi.spyOn(controller.signal, 'addEventListener');
    const remove = vi.spyOn(controller.signal, 'removeEventListener');
    const { options } = virtual({ signal: controller.signal, attemptTimeout: '1s', timeout: '1m' });
    await retry(failing(boom, boom), options);
    await rejection(retry(failing(new PermanentError()), options));
    await rejection(retry(failing(boom), { ...options, maxAttempts: 1 }));
    expect(add).toHaveBeenCalled();
    expect(remove).toHaveBeenCalledTimes(add.mock.calls.length);
  });

  it('of another signal inside the operation is not retried', async () => {
    const { options } = virtual();
    const abort = new DOMException('aborted', 'AbortError');
    expect(await rejection(retry(failing(abort), options))).toBe(abort);
  });
});

describe('attemptTimeout', () => {
  it('ends an attempt, aborts its signal and makes another', async () => {
    const metrics = new RetryMetrics();
    const { events, onRetry } = recorder();
    const { time, options } = virtual({ attemptTimeout: '1s', metrics, onRetry });
    const signals: AbortSignal[] = [];
    const result = retry(({ attempt, signal }) => {
      signals.push(signal);
      return attempt < 3 ? new Promise<string>(() => {}) : 'done';
    }, options);
    await time.advance(999);
    expect(signals[0]?.aborted).toBe(false);
    await time.advance(10_000);
    expect(await result).toBe('done');
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    expect(isVeloError(signals[0]?.reason, 'VELO_TIMEOUT')).toBe(true);
    expect(events.map(({ category }) => category)).toEqual(['NetworkIssue', 'NetworkIssue']);
    expect(metrics.snapshot()).toMatchObject({ attemptsTotal: 3, timeoutsTotal: 2, successesTotal: 1 });
    expect(time.pending).toBe(0);
  });

  it('aborts a signal that is asked for only afterwards', async () => {
    const { time, options } = virtual({ attemptTimeout: '1s', maxAttempts: 1 });
    let late: (() => AbortSignal) | undefined;
    const result = rejection(
      retry((context) => {
        late = () => context.signal;
        return new Promise(() => {});
      }, options),
    );
    await time.advance(1_000);
    await result;
    expect(late?.().aborted).toBe(true);
  });

  it.each(['resolve', 'reject'] as const)('ignores a late %s', async (end) => {
    const { time, options } = virtual({ attemptTimeout: '1s' });
    let late = (_: unknown): void => {};
    const result = retry(
      ({ attempt }) =>
        attempt > 1
          ? 'second'
          : new Promise<string>((resolve, reject) => {
              late = (end === 'resolve' ? resolve : reject) as (value: unknown) => void;
            }),
      options,
    );
    await time.advance(1_000);
    late(end === 'resolve' ? 'first' : boom);
    expect(await result).toBe('second');
  });

  it('is the cause when no attempt is left', async () => {
    const { time, options } = virtual({ attemptTimeout: '1s', maxAttempts: 1 });
    const result = rejection(retry(() => new Promise(() => {}), options));
    await time.advance(1_000);
    const error = (await result) as RetriesExhaustedError;
    expect(error).toMatchObject({ code: 'VELO_RETRIES_EXHAUSTED', attempts: 1, category: 'NetworkIssue' });
    expect(isVeloError(error.cause, 'VELO_TIMEOUT')).toBe(true);
    expect((error.cause as Error).message).toMatch(/^Attempt 1 took longer than 1s\. /);
  });

  it('also holds in the time of the system', async () => {
    vi.useFakeTimers();
    const result = rejection(
      retry(() => new Promise(() => {}), { attemptTimeout: '1s', maxAttempts: 2, strategy: fixed('1s') }),
    );
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await result).toMatchObject({ code: 'VELO_RETRIES_EXHAUSTED', attempts: 2, elapsed: 3_000 });
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});

describe('timeout', () => {
  it('gives up at once where the next wait would reach its end', async () => {
    const { time, options } = virtual({ timeout: '1s', strategy: fixed(400) });
    const operation = failing(...Array(9).fill(boom));
    const error = (await rejection(retry(operation, options))) as RetriesExhaustedError;
    expect(error).toBeInstanceOf(RetriesExhaustedError);
    expect(error).toMatchObject({ code: 'VELO_TIMEOUT', attempts: 3, elapsed: 800 });
    expect(error.cause).toBe(boom);
    expect(time.waits).toEqual([400, 400]);
  });

  it('counts what a RetriableError asks for', async () => {
    const { time, options } = virtual({ timeout: '1s' });
    expect(await rejection(retry(failing(new RetriableError({ after: '1s' })), options))).toMatchObject({
      code: 'VELO_TIMEOUT',
      attempts: 1,
    });
    expect(time.waits).toEqual([]);
  });

  it('ends an attempt that is under way', async () => {
    const metrics = new RetryMetrics();
    const { time, options } = virtual({ timeout: '1s', attemptTimeout: '1m', metrics });
    let seen: AbortSignal | undefined;
    const result = rejection(
      retry(({ signal }) => {
        seen = signal;
        return new Promise(() => {});
      }, options),
    );
    await time.advance(1_000);
    expect(await result).toMatchObject({ code: 'VELO_TIMEOUT', attempts: 1, elapsed: 1_000 });
    expect(seen?.aborted).toBe(true);
    expect(metrics.snapshot().timeoutsTotal).toBe(1);
  });

  it('tells what failed before, and not that it has cut the last attempt off', async () => {
    const metrics = new RetryMetrics();
    const { time, options } = virtual({ timeout: '1s', strategy: fixed(400), metrics });
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const operation = ({ attempt }: RetryContext) =>
      attempt < 3 ? Promise.reject(refused) : new Promise<never>(() => {});
    const result = rejection(retry(operation, options));
    await time.advance(1_000);
    const error = (await result) as RetriesExhaustedError;
    expect(error).toMatchObject({
      code: 'VELO_TIMEOUT',
      attempts: 3,
      elapsed: 1_000,
      category: 'NetworkIssue',
    });
    expect(error.cause).toBe(refused);
    expect(error.message).toBe('gave up after 3 attempts, as the time is over: connect ECONNREFUSED');
    expect(metrics.snapshot()).toMatchObject({ attemptsTotal: 3, timeoutsTotal: 1 });
  });

  it('tells of an attempt that took too long by itself', async () => {
    const { time, options } = virtual({
      timeout: '10s',
      attemptTimeout: '1s',
      maxAttempts: 2,
      strategy: fixed(1),
    });
    const operation = ({ attempt }: RetryContext) =>
      attempt === 1 ? Promise.reject(boom) : new Promise<never>(() => {});
    const result = rejection(retry(operation, options));
    await time.advance(2_000);
    expect(((await result) as RetriesExhaustedError).cause).toMatchObject({
      message: expect.stringMatching(/^Attempt 2 took longer than 1s\. /),
    });
  });

  it('makes no attempt after a wait that took too long', async () => {
    const { time, options } = virtual({ timeout: '1s' });
    const operation = failing(boom);
    const sleep = async (): Promise<void> => {
      time.ms += 5_000;
    };
    expect(await rejection(retry(operation, { ...options, sleep }))).toMatchObject({
      code: 'VELO_TIMEOUT',
      attempts: 1,
    });
    expect(operation.contexts).toHaveLength(1);
  });

  it('ends with the reason of the sleep that failed', async () => {
    const { options } = virtual({ sleep: () => Promise.reject(strange) });
    expect(await rejection(retry(failing(boom), options))).toBe(strange);
  });
});
