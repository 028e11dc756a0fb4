import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isVeloError, RetriableError } from '../src/index.js';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('after', () => {
  it.each([
    { after: 500, ms: 500 },
    { after: '30s', ms: 30_000 },
    { after: '120', ms: 120_000 },
    { after: ' 0 ', ms: 0 },
    { after: new Date(NOW + 1_500), ms: 1_500 },
    { after: new Date(NOW - 1_500), ms: 0 },
    { after: 'Sun, 06 Nov 1994 08:49:37 GMT', ms: 37_000 },
    { after: 'Sunday, 06-Nov-94 08:49:37 GMT', ms: 37_000 },
    { after: 'Sun Nov  6 08:49:37 1994', ms: 37_000 },
    { after: 'Sun, 06 Nov 1994 08:48:00 GMT', ms: 0 },
  ])('of $after is $ms ms', ({ after, ms }) => {
    expect(new RetriableError('busy', { after })).toMatchObject({ code: 'VELO_RETRIABLE', after: ms });
  });

  it.each([
    'soon',
    '',
    'hello 1',
    '-5',
    '2026-11-29',
    'Sun, 06 Foo 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37',
    new Date(Number.NaN),
    {} as Date,
    [] as unknown as string,
    true as unknown as string,
  ])('of %s is refused, with what is allowed', (after) => {
    expect(() => new RetriableError({ after })).toThrow(/^RetriableError\.after is .*Retry-After/);
  });
});

describe('an error from an answer', () => {
  it.each([
    { of: 'fetch', response: new Response(null, { status: 429, headers: { 'Retry-After': '7' } }) },
    { of: "Node's http", response: { statusCode: 429, headers: { 'retry-after': '7' } } },
    { of: 'axios', response: { status: 429, headers: { 'Retry-After': '7' } } },
  ])('of $of waits as it asks', ({ response }) => {
    expect(RetriableError.fromResponse(response)).toMatchObject({
      after: 7_000,
      message: 'the service has answered with 429',
    });
  });

  it('takes a date as well', () => {
    const headers = { 'retry-after': 'Sun, 06 Nov 1994 08:49:37 GMT' };
    expect(RetriableError.fromResponse({ headers }).after).toBe(37_000);
  });

  it('without Retry-After, or without headers, waits as any failure', () => {
    expect(RetriableError.fromResponse(new Response(null, { status: 503 })).after).toBeUndefined();
    for (const response of [undefined, null, {}, { headers: null }, { headers: 7 }])
      expect(RetriableError.fromResponse(response as never).after).toBeUndefined();
  });

  it('has the text and the cause that are given', () => {
    const cause = new Error('root');
    const error = RetriableError.fromResponse(new Response(), {
      message: 'the bank is busy',
      cause,
      after: 5,
    });
    expect(error).toMatchObject({ message: 'the bank is busy', cause, after: 5 });
  });

  it.each(['later', ['1', '2'], { get: 1 }, Symbol('s')])('with %s as its Retry-After is told', (value) => {
    let caught: unknown;
    try {
      RetriableError.fromResponse({ headers: { 'retry-after': value } });
    } catch (error) {
      caught = error;
    }
    expect(isVeloError(caught, 'VELO_INVALID_OPTION')).toBe(true);
  });

  it('whose headers throw waits as any failure', () => {
    const headers = {
      get() {
        throw new Error('closed');
      },
    };
    expect(RetriableError.fromResponse({ headers }).after).toBeUndefined();
  });
});
