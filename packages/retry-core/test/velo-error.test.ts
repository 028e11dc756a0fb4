import { describe, expect, it } from 'vitest';
import {
  CircuitOpenError,
  isVeloError,
  messageOf,
  PermanentError,
  RetriableError,
  RetriesExhaustedError,
  show,
  VeloError,
} from '../src/velo-error.js';

const hostile = new Proxy(
  {},
  {
    get() {
      throw new Error('hostile');
    },
    has() {
      throw new Error('hostile');
    },
  },
);

describe('VeloError', () => {
  it('has a code, a message and the cause as it was', () => {
    const cause = { any: 'thing' };
    const error = new VeloError('VELO_CLOSED', 'closed', { cause });
    expect(error).toMatchObject({ name: 'VeloError', code: 'VELO_CLOSED', message: 'closed' });
    expect(error.cause).toBe(cause);
    expect('cause' in new VeloError('VELO_CLOSED', 'closed')).toBe(false);
  });
});

describe('isVeloError', () => {
  it('tells codes apart', () => {
    const error = new VeloError('VELO_CLOSED', 'closed');
    expect(isVeloError(error)).toBe(true);
    expect(isVeloError(error, 'VELO_CLOSED')).toBe(true);
    expect(isVeloError(error, 'VELO_TIMEOUT')).toBe(false);
  });

  it('knows the errors of another copy of velo', () => {
    const foreign = Object.assign(new Error('x'), { code: 'VELO_TIMEOUT', [Symbol.for('velo.error')]: true });
    expect(isVeloError(foreign, 'VELO_TIMEOUT')).toBe(true);
  });

  it.each([undefined, null, 'VELO_CLOSED', 7, {}, new Error('x'), { code: 'VELO_CLOSED' }, () => {}])(
    'denies %o',
    (value) => {
      expect(isVeloError(value)).toBe(false);
    },
  );

  it('denies a hostile object', () => {
    expect(isVeloError(hostile)).toBe(false);
  });
});

describe('RetriesExhaustedError', () => {
  it.each([
    { code: undefined, attempts: 1, message: 'gave up after 1 attempt, as no attempt is left: boom' },
    { code: 'VELO_TIMEOUT', attempts: 3, message: 'gave up after 3 attempts, as the time is over: boom' },
    {
      code: 'VELO_BUDGET_EXHAUSTED',
      attempts: 3,
      message: 'gave up after 3 attempts, as the retry budget is spent: boom',
    },
  ] as const)('says why: $code', ({ code, attempts, message }) => {
    const cause = new Error('boom');
    const error = new RetriesExhaustedError({
      attempts,
      elapsed: 5,
      category: 'Unknown',
      cause,
      ...(code && { code }),
    });
    expect(error).toMatchObject({
      code: code ?? 'VELO_RETRIES_EXHAUSTED',
      message,
      attempts,
      elapsed: 5,
      category: 'Unknown',
    });
    expect(error.cause).toBe(cause);
    expect(isVeloError(error, code ?? 'VELO_RETRIES_EXHAUSTED')).toBe(true);
  });
});

describe('PermanentError and RetriableError', () => {
  it('are made with a text, a cause, or nothing', () => {
    const cause = new Error('root');
    expect(new PermanentError('text', { cause })).toMatchObject({
      code: 'VELO_PERMANENT',
      message: 'text',
      cause,
    });
    expect(new PermanentError().message).not.toBe('');
    expect(new RetriableError('text', { after: '30s', cause })).toMatchObject({
      message: 'text',
      after: 30_000,
      cause,
    });
    expect(new RetriableError({ after: 5, message: 'text', cause })).toMatchObject({
      message: 'text',
      after: 5,
      cause,
    });
    expect(new RetriableError({ after: '1m' })).toMatchObject({ code: 'VELO_RETRIABLE', after: 60_000 });
    expect(new RetriableError('text')).toMatchObject({ message: 'text', after: undefined });
    expect(new RetriableError().message).not.toBe('');
  });

  it.each([NaN, -1, Infinity, 'soon' as '1s', null as unknown as number, {} as number])(
    'refuse after = %s, keeping the cause',
    (after) => {
      const cause = new Error('root');
      let caught: unknown;
      try {
        new RetriableError({ after, cause });
      } catch (error) {
        caught = error;
      }
      expect(isVeloError(caught, 'VELO_INVALID_OPTION')).toBe(true);
      expect((caught as Error).cause).toBe(cause);
    },
  );
});

describe('CircuitOpenError', () => {
  it('says how long the circuit stays open', () => {
    expect(new CircuitOpenError(250)).toMatchObject({ code: 'VELO_CIRCUIT_OPEN', after: 250 });
  });
});

describe('messageOf and show', () => {
  it.each([
    [new Error('boom'), 'boom', 'boom'],
    [new Error(''), 'Error', 'Error'],
    ['text', 'text', '"text"'],
    [undefined, 'undefined', 'undefined'],
    [null, 'null', 'null'],
    [7, '7', '7'],
    [Symbol('s'), 'Symbol(s)', 'Symbol(s)'],
    [Object.create(null), 'object', 'object'],
    [hostile, 'object', 'object'],
    [{ message: 5 }, '5', '5'],
  ])('have a text for %#', (value, message, shown) => {
    expect(messageOf(value)).toBe(message);
    expect(show(value)).toBe(shown);
  });

  it('are bounded', () => {
    expect(messageOf(new Error('x'.repeat(1e6)))).toHaveLength(500);
    expect(show('x'.repeat(1e6)).length).toBeLessThan(100);
  });
});
