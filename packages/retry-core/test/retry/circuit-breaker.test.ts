import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from '../../src/retry/circuit-breaker.js';
import { retry } from '../../src/retry/retry.js';
import { fixed } from '../../src/strategies/fixed.js';
import { isVeloError, PermanentError } from '../../src/velo-error.js';
import { rejection, VirtualTime } from './harness.js';

function opened(): CircuitBreaker {
  const breaker = new CircuitBreaker({ failures: 2, openFor: 1_000 });
  breaker.failed(0);
  breaker.failed(0);
  return breaker;
}

describe('CircuitBreaker', () => {
  it('opens after so many failures without a success between them', () => {
    const breaker = new CircuitBreaker({ failures: 3 });
    breaker.failed(0);
    breaker.failed(0);
    breaker.succeeded(0);
    breaker.failed(0);
    breaker.failed(0);
    expect(breaker.state(0)).toBe('closed');
    breaker.failed(0);
    expect(breaker.state(0)).toBe('open');
    expect(breaker.allows(0)).toBe(false);
  });

  it('lets one call through after openFor', () => {
    const breaker = opened();
    expect(breaker.allows(999)).toBe(false);
    expect(breaker.state(1_000)).toBe('half-open');
    expect(breaker.allows(1_000)).toBe(true);
    expect(breaker.allows(1_000)).toBe(false);
    expect(breaker.state(1_001)).toBe('half-open');
  });

  it('closes when that call succeeds', () => {
    const breaker = opened();
    breaker.allows(1_000);
    breaker.succeeded(1_100);
    expect(breaker.state(1_100)).toBe('closed');
    breaker.failed(1_100);
    expect(breaker.state(1_100)).toBe('closed');
  });

  it('opens again when that call fails', () => {
    const breaker = opened();
    breaker.allows(1_000);
    breaker.failed(1_100);
    expect(breaker.state(2_099)).toBe('open');
    expect(breaker.state(2_100)).toBe('half-open');
  });

  it('lets another call through when the end of the first is never told', () => {
    const breaker = opened();
    expect(breaker.allows(1_000)).toBe(true);
    expect(breaker.allows(1_999)).toBe(false);
    expect(breaker.allows(2_000)).toBe(true);
  });

  it('takes no notice of calls from before it opened', () => {
    const breaker = opened();
    breaker.succeeded(10);
    expect(breaker.state(10)).toBe('open');
    breaker.failed(900);
    expect(breaker.state(1_000)).toBe('half-open');
  });

  it('runs operations, and refuses with the time until the next is let through', async () => {
    const breaker = new CircuitBreaker({ failures: 1, openFor: '1s' });
    const time = new VirtualTime();
    const fail = async (): Promise<never> => {
      throw new Error('down');
    };
    expect(await breaker.run(() => 'done', time.now)).toBe('done');
    expect(((await rejection(breaker.run(fail, time.now))) as Error).message).toBe('down');
    time.ms += 400;
    const refused = await rejection(breaker.run(() => 'done', time.now));
    expect(isVeloError(refused, 'VELO_CIRCUIT_OPEN') && refused.after).toBe(600);
    time.ms += 600;
    expect(await breaker.run(() => 'done', time.now)).toBe('done');
    expect(breaker.state(time.ms)).toBe('closed');
  });

  it('does not blame the service for a permanent failure, nor take it for a recovery', async () => {
    const breaker = new CircuitBreaker({ failures: 1, openFor: '1s' });
    const time = new VirtualTime();
    const permanent = async (): Promise<never> => {
      throw new PermanentError('bad record');
    };
    await rejection(breaker.run(permanent, time.now));
    expect(breaker.state(time.ms)).toBe('closed');
    breaker.failed(time.ms);
    time.ms += 1_000;
    await rejection(breaker.run(permanent, time.now));
    expect(breaker.state(time.ms)).toBe('half-open');
    expect(breaker.allows(time.ms)).toBe(true);
  });

  it('makes retries wait until it lets a call through', async () => {
    const breaker = new CircuitBreaker({ failures: 1, openFor: '1s' });
    const time = new VirtualTime();
    let calls = 0;
    const operation = (): string => {
      if (++calls === 1) throw new Error('down');
      return 'done';
    };
    const result = retry(() => breaker.run(operation, time.now), {
      sleep: time.sleep,
      now: time.now,
      strategy: fixed(100),
    });
    expect(await result).toBe('done');
    expect(calls).toBe(2);
    expect(time.waits).toEqual([100, 900]);
  });

  it.each([{ failures: 0 }, { failures: NaN }, { openFor: 0 }, { openFor: NaN }])('refuses %o', (options) => {
    expect(() => new CircuitBreaker(options)).toThrow(Object.keys(options)[0] as string);
  });
});

describe('a CircuitBreaker by share', () => {
  const byShare = (options = {}) =>
    new CircuitBreaker({ failureShare: 0.5, minAttempts: 10, window: 10_000, openFor: 1_000, ...options });

  it('opens when so large a share of so many calls of the window has failed, and not before', () => {
    const breaker = byShare();
    for (let i = 0; i < 9; i++) breaker.failed(i);
    expect(breaker.state(9)).toBe('closed');
    breaker.failed(9);
    expect(breaker.state(9)).toBe('open');
    expect(breaker.left(10)).toBe(999);
  });

  it('stays closed below the share, and forgets what is older than the window', () => {
    const breaker = byShare();
    for (let i = 0; i < 100; i++) {
      breaker.failed(i);
      breaker.succeeded(i);
      breaker.succeeded(i);
    }
    expect(breaker.state(100)).toBe('closed');
    for (let i = 0; i < 9; i++) breaker.failed(20_000);
    expect(breaker.state(20_000)).toBe('closed');
    breaker.failed(20_000);
    expect(breaker.state(20_000)).toBe('open');
  });

  it('is not kept closed by thousands that went well before', () => {
    const breaker = byShare();
    for (let i = 0; i < 100_000; i++) breaker.succeeded(i % 1_000);
    for (let i = 0; i < 9; i++) breaker.failed(1_400 + i);
    expect(breaker.state(1_410)).toBe('closed');
    breaker.failed(1_410);
    expect(breaker.state(1_410)).toBe('open');
  });

  it('opens again by the failure of its trial alone, and counts anew once it has closed', () => {
    const breaker = byShare();
    for (let i = 0; i < 10; i++) breaker.failed(0);
    breaker.allows(1_000);
    breaker.failed(1_000);
    expect(breaker.state(1_500)).toBe('open');
    breaker.allows(2_000);
    breaker.succeeded(2_000);
    for (let i = 0; i < 9; i++) breaker.failed(2_000);
    expect(breaker.state(2_000)).toBe('closed');
    expect(breaker.left(2_000)).toBe(0);
  });

  it('stays open longer by chance, within jitter', () => {
    const random = [0.5, 7, Number.NaN];
    const breaker = byShare({ jitter: 0.2, minAttempts: 1, random: () => random.shift() ?? 1 });
    const lefts = [0, 2_000, 4_000, 6_000].map((now) => {
      breaker.allows(now);
      breaker.failed(now);
      return breaker.left(now);
    });
    expect(lefts).toEqual([1_100, 1_000, 1_000, 1_200]);
  });

  it.each([
    { failureShare: 0 },
    { failureShare: 1.1 },
    { failureShare: Number.NaN },
    { failureShare: 0.5, minAttempts: 0 },
    { failureShare: 0.5, window: 9 },
    { failureShare: 0.5, failures: 3 },
    { jitter: 2 },
    { random: 1 as never },
  ])('refuses %j', (options) => {
    expect(() => new CircuitBreaker(options)).toThrow(
      expect.objectContaining({ code: 'VELO_INVALID_OPTION' }),
    );
  });
});

describe('the listeners of a CircuitBreaker', () => {
  it('are told when it opens, again too, and closes, until they are taken away; one that throws stops nobody', () => {
    const told: string[] = [];
    const breaker = new CircuitBreaker({
      failures: 1,
      openFor: 1_000,
      random: () => {
        throw new Error('x');
      },
    });
    breaker.onChange(() => {
      throw new Error('x');
    });
    const forget = breaker.onChange((state) => told.push(state));
    breaker.succeeded(0);
    breaker.failed(0);
    breaker.failed(0);
    breaker.allows(1_000);
    breaker.failed(1_000);
    breaker.allows(2_000);
    breaker.succeeded(2_000);
    expect(told).toEqual(['open', 'open', 'closed']);
    forget();
    breaker.failed(2_000);
    expect(told).toHaveLength(3);
  });
});
