import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { retryDefaults } from '../src/config/retry-defaults.js';
import { readSettings } from '../src/config/settings.js';
import { explainKafkaError } from '../src/errors/explain-kafka-error.js';
import { CircuitBreaker } from '../src/retry/circuit-breaker.js';
import { planRetries } from '../src/retry/options.js';
import { RetryBudget } from '../src/retry/retry-budget.js';
import { exponential } from '../src/strategies/exponential.js';
import { RetriesExhaustedError } from '../src/velo-error.js';
import { documentedDefaults, written } from './support/documented-defaults.js';

const { count, literal, time, waits } = written;

const settings = readSettings([], {});
const defaults = retryDefaults({});
const plan = planRetries({ random: () => 1 });

/** How often a budget lets a retry pass at that moment. */
function retriesLeft(budget: RetryBudget, now: number): number {
  let left = 0;
  while (budget.withdraw(now)) left++;
  return left;
}

/** Of a budget that is empty at 0 ms. */
function emptyBudget(): RetryBudget {
  const budget = new RetryBudget();
  retriesLeft(budget, 0);
  return budget;
}

function retriesAfter(operations: number): number {
  const budget = emptyBudget();
  for (let i = 0; i < operations; i++) budget.deposit();
  return retriesLeft(budget, 0);
}

function failuresToOpen(): number {
  const breaker = new CircuitBreaker();
  let failures = 0;
  for (; breaker.state(0) === 'closed'; failures++) breaker.failed(0);
  return failures;
}

function openFor(): number {
  const breaker = new CircuitBreaker();
  while (breaker.state(0) === 'closed') breaker.failed(0);
  let ms = 0;
  while (breaker.state(ms) === 'open') ms += 1_000;
  return ms;
}

/** Calls, all of them failures, until a share of 1 opens. */
function attemptsToOpen(): number {
  const breaker = new CircuitBreaker({ failureShare: 1 });
  let calls = 0;
  for (; breaker.state(0) === 'closed'; calls++) breaker.failed(0);
  return calls;
}

/** How long a failure counts beside another one. */
function windowOfShare(): number {
  const isForgotten = (at: number) => {
    const breaker = new CircuitBreaker({ failureShare: 1, minAttempts: 2 });
    breaker.failed(0);
    breaker.failed(at);
    return breaker.state(at) === 'closed';
  };
  let ms = 0;
  while (!isForgotten(ms)) ms += 1_000;
  return ms;
}

/** What the command for a missing topic says of an option. */
function inCommand(option: string): string | undefined {
  const words = explainKafkaError(Object.assign(new Error('missing'), { code: 3 }), {
    topic: 'orders',
  }).split(/\s+/);
  return words[words.indexOf(option) + 1];
}

const held = {
  'RetryOverrides.strategy': literal(settings.strategy),
  'RetryOverrides.interval': time(settings.interval),
  'RetryOverrides.multiplier': count(settings.multiplier),
  'RetryOverrides.maxDelay': time(settings.maxDelay),
  'RetryOverrides.waitTimeout': `${count(settings.waitTimeout)}: do not wait`,
  'RetryOverrides.partitions': count(settings.partitions),
  'RetryOverrides.replicationFactor': count(settings.replicationFactor),
  'RetryDefaults.strategy': literal(defaults.strategy),
  'RetryDefaults.interval': count(defaults.interval),
  'RetryDefaults.multiplier': count(defaults.multiplier),
  'RetryDefaults.maxDelay': count(defaults.maxDelay),
  'RetryDefaults.partitions': count(defaults.partitions),
  'RetryDefaults.replicationFactor': count(defaults.replicationFactor),
  // The upper end of equal jitter is the wait itself.
  'RetryOptions.strategy': `${waits(plan.strategy)}, with equal jitter`,
  'RetryOptions.maxAttempts': `${plan.maxAttempts}, after an Unknown failure ${plan.maxUnknownAttempts}`,
  'RetryBudgetOptions.ratio': count(retriesAfter(50) / 50),
  'RetryBudgetOptions.minPerSecond': count(retriesLeft(emptyBudget(), 1_000)),
  'RetryBudgetOptions.capacity': count(retriesLeft(new RetryBudget(), 0)),
  'CircuitBreakerOptions.failures': count(failuresToOpen()),
  'CircuitBreakerOptions.openFor': time(openFor()),
  'CircuitBreakerOptions.minAttempts': count(attemptsToOpen()),
  'CircuitBreakerOptions.window': time(windowOfShare()),
  'CircuitBreakerOptions.jitter': '0',
  'ExponentialOptions.multiplier': count(exponential({ initial: 1_000, max: 1e6 }).delay(1) / 1_000),
  'ExplainContext.partitions': inCommand('--partitions'),
  'ExplainContext.replicationFactor': inCommand('--replication-factor'),
  'RetriesExhaustedOptions.code': literal(
    new RetriesExhaustedError({ attempts: 1, elapsed: 0, category: 'Unknown' }).code,
  ),
};

/** Options whose default is something that is done, or nothing: there is no value to compare. */
const WITHOUT_A_VALUE = [
  'CodeExplanation.helps',
  'CircuitBreakerOptions.isFailure',
  'CircuitBreakerOptions.failureShare',
  'CircuitBreakerOptions.random',
  'DurationLimits.max',
  'DurationLimits.min',
  'LinearOptions.increment',
  'ResolveRetryOptions.env',
  'ResolveRetryOptions.strict',
  'RetryOptions.attemptTimeout',
  'RetryOptions.budget',
  'RetryOptions.clock',
  'RetryOptions.metrics',
  'RetryOptions.now',
  'RetryOptions.random',
  'RetryOptions.retryIf',
  'RetryOptions.sleep',
  'RetryOptions.timeout',
  'RetryOverrides.increment',
  'withJitter',
];

describe('the documented defaults', () => {
  const documented = documentedDefaults(fileURLToPath(new URL('../src', import.meta.url)));

  it('are those that hold', () => {
    const withValue = [...documented].filter(([option]) => !WITHOUT_A_VALUE.includes(option));
    expect(Object.fromEntries(withValue)).toEqual(held);
  });

  it('have a value or are known to have none', () => {
    expect([...documented.keys()]).toEqual(expect.arrayContaining(WITHOUT_A_VALUE));
  });
});
