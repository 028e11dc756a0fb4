import { describe, expect, it } from 'vitest';
import { type Duration, toMilliseconds } from '../../src/durations/duration.js';
import { isVeloError } from '../../src/velo-error.js';

function faultOf(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    expect(isVeloError(error, 'VELO_INVALID_OPTION')).toBe(true);
    return error as Error;
  }
  throw new Error('did not throw');
}

describe('toMilliseconds', () => {
  it.each([
    { value: 0, ms: 0 },
    { value: 1_500, ms: 1_500 },
    { value: '500ms', ms: 500 },
    { value: '1.5h', ms: 5_400_000 },
    { value: '2d', ms: 172_800_000 },
  ] as const)('reads $value as $ms ms', ({ value, ms }) => {
    expect(toMilliseconds(value, 'timeout')).toBe(ms);
  });

  it.each([NaN, Infinity, -1, -0.5, 2 ** 53, '', 'soon', '-5s', null, undefined, {}, 5n])(
    'refuses %o',
    (value) => {
      faultOf(() => toMilliseconds(value as Duration, 'timeout'));
    },
  );

  it('holds its limits, both included', () => {
    const limits = { min: 1, max: 60_000 };
    expect(toMilliseconds(1, 'timeout', limits)).toBe(1);
    expect(toMilliseconds('1m', 'timeout', limits)).toBe(60_000);
    faultOf(() => toMilliseconds(0, 'timeout', limits));
    faultOf(() => toMilliseconds(60_001, 'timeout', limits));
    faultOf(() => toMilliseconds(NaN, 'timeout', limits));
  });

  it('names the option, the value, the limits and what to write instead', () => {
    expect(faultOf(() => toMilliseconds('2m' as Duration, 'timeout', { min: 1, max: 60_000 })).message).toBe(
      `timeout is "2m", but must be a duration of at least 1ms and at most 1m, such as 500 (milliseconds) or '30s'`,
    );
  });

  it('quotes an untrusted text and cuts it', () => {
    const { message } = faultOf(() => toMilliseconds(`\n${'x'.repeat(10_000)}` as Duration, 'timeout'));
    expect(message).toContain('"\\nxxx');
    expect(message.length).toBeLessThan(300);
  });
});
