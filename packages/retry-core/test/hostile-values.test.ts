import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../engine/src/failures/failure.js';
import { errorFacts } from '../../engine/src/headers/error-facts.js';
import { recordWith } from '../../engine/test/support/copies.js';
import { errorCategories } from '../src/error-category.js';
import { categorizeKafkaError } from '../src/errors/categorize-kafka-error.js';
import { classifyKafkaError } from '../src/errors/classify-kafka-error.js';
import { explainKafkaError } from '../src/errors/explain-kafka-error.js';
import { foreignMessage } from '../src/errors/foreign-text.js';
import { isKafkaClientError } from '../src/errors/is-kafka-client-error.js';
import { isProgramError } from '../src/program-error.js';
import { CircuitBreaker } from '../src/retry/circuit-breaker.js';
import { judge } from '../src/retry/judge.js';
import type { RetryOptions } from '../src/retry/options.js';
import { retry } from '../src/retry/retry.js';
import { fixed } from '../src/strategies/fixed.js';
import { invalidOption, isVeloError, messageOf, show } from '../src/velo-error.js';
import { hostileValues } from './support/hostile-values.js';

/** A second, in which a busy machine does what takes a moment. */
const MOMENT = 1_000;

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await new Promise((resolve) => setTimeout(resolve, 0));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
});

/** All that looks at what was thrown. */
function lookAt(value: unknown): void {
  const { category, retry: again, after } = judge(value);
  expect(errorCategories).toContain(category);
  expect(typeof again).toBe('boolean');
  expect(after).toBeGreaterThanOrEqual(0);
  expect(after).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  expect(errorCategories).toContain(classifyKafkaError(value).category);
  expect(errorCategories).toContain(categorizeKafkaError(value));
  expect(typeof isKafkaClientError(value)).toBe('boolean');
  expect(typeof isProgramError(value)).toBe('boolean');
  expect(typeof isVeloError(value)).toBe('boolean');
  expect(messageOf(value).length).toBeLessThanOrEqual(500);
  expect(foreignMessage(value).length).toBeLessThanOrEqual(500);
  expect(show(value).length).toBeLessThanOrEqual(1_000);
  expect(invalidOption('option', value, 'something else').message).toContain('option is');
  expect(explainKafkaError(value).length).toBeGreaterThan(0);
  for (const stage of ['decode', 'handler'] as const) {
    const failure = failureOf(value, recordWith(), stage);
    expect(typeof failure.name).toBe('string');
    const { message, stack = '' } = errorFacts(failure, true);
    expect(Buffer.byteLength(message + stack)).toBeLessThanOrEqual(6_000);
  }
}

describe.each(Object.entries(hostileValues))('%s', (_, make) => {
  it('is looked at without a throw, in a moment', () => {
    const value = make();
    const begin = performance.now();
    lookAt(value);
    expect(performance.now() - begin).toBeLessThan(MOMENT);
  });

  it('thrown by an operation ends its retries with itself, or as their cause', async () => {
    const value = make();
    let ended: unknown;
    await retry(
      () => {
        throw value;
      },
      { maxAttempts: 2, strategy: fixed(0) },
    ).catch((error: unknown) => {
      ended = isVeloError(error) && error.code === 'VELO_RETRIES_EXHAUSTED' ? error.cause : error;
    });
    expect(Object.is(ended, value)).toBe(true);
  });

  it.each(['throws', 'answers'] as const)('spoils no run whose options it comes from: it %s', async (how) => {
    const hostile = (): never => {
      if (how === 'throws') throw make();
      return make() as never;
    };
    const given: RetryOptions[] = [
      {
        metrics: {
          recordAttempt: hostile,
          recordAttemptWithSuccess: hostile,
          recordAttemptWithError: hostile,
          recordAttemptWithTimeout: hostile,
        },
      },
      { retryIf: hostile },
      { onRetry: hostile },
      { strategy: { kind: 'hostile', delay: hostile, observe: hostile } },
      { budget: { deposit: hostile, withdraw: hostile } },
    ];
    for (const options of given) {
      let attempts = 0;
      const operation = () => {
        if (++attempts === 1) throw new Error('busy');
        return 'done';
      };
      // No more than the options' own affair: it ends, and what it ends with is a result or a rejection.
      const abort = AbortSignal.timeout(200);
      await retry(operation, { strategy: fixed(0), sleep: async () => {}, signal: abort, ...options }).catch(
        () => {},
      );
      if (options.metrics) expect(attempts).toBe(2);
    }
  });

  it('from a breaker’s `isFailure` does not hide what the operation has thrown', async () => {
    const down = new Error('down');
    for (const isFailure of [
      () => make() as boolean,
      (): never => {
        throw make();
      },
    ]) {
      const breaker = new CircuitBreaker({ isFailure });
      await expect(breaker.run(() => Promise.reject(down))).rejects.toBe(down);
    }
  });
});

it('in any shape it is looked at without a throw', () => {
  const plain = Object.entries(hostileValues).filter(([name]) => !/rejected|million|5 MB|within/.test(name));
  // Makers, since fast-check itself looks at what it generates.
  const { maker } = fc.letrec<{ maker: () => unknown }>((tie) => ({
    maker: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(...plain.map(([, make]) => make)),
      fc
        .tuple(tie('maker'), tie('maker'), tie('maker'), tie('maker'))
        .map(([name, message, code, cause]) => () => ({
          name: name(),
          message: message(),
          code: code(),
          cause: cause(),
        })),
      fc.array(tie('maker')).map((parts) => () => ({ errors: parts.map((part) => part()) })),
      tie('maker').map((inner) => () => new Error('outer', { cause: inner() })),
    ),
  }));
  fc.assert(
    fc.property(maker, (make) => lookAt(make())),
    { numRuns: 300 },
  );
});
