import { PermanentError, RetriableError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../src/failures/failure.js';
import { recordAt } from './support/lane-in-test.js';
import { kafkaError } from './support/memory-cluster.js';

const record = recordAt(0);
const passing = new RetriableError({ after: '5s' });

describe('classify has the last word', () => {
  it.each([
    { asked: 'retry', error: new TypeError('x'), permanent: false },
    { asked: 'retry', error: new PermanentError('x'), permanent: false },
    { asked: 'retry', error: kafkaError(10), permanent: false },
    { asked: 'dead-letter', error: new Error('x'), permanent: true },
    { asked: 'dead-letter', error: passing, permanent: true },
    { asked: undefined, error: new TypeError('x'), permanent: true },
    { asked: undefined, error: new Error('x'), permanent: false },
  ] as const)('$asked on $error.name', ({ asked, error, permanent }) => {
    expect(failureOf(error, record, 'handler', () => asked).permanent).toBe(permanent);
  });

  it('for what cannot be decoded, too', () => {
    expect(failureOf(new Error('x'), record, 'decode', () => 'retry').permanent).toBe(false);
  });

  it('of the error and the record', () => {
    const asked: unknown[] = [];
    const error = new Error('x');
    failureOf(error, record, 'handler', (...given) => {
      asked.push(...given);
      return undefined;
    });
    expect(asked).toEqual([error, record]);
    expect(asked[1]).toBe(record);
  });
});

describe('a wish for a wait', () => {
  it('is kept, unless there will be no other attempt', () => {
    expect(failureOf(passing, record, 'handler').after).toBe(5_000);
    expect(failureOf(passing, record, 'handler', () => 'dead-letter').after).toBe(0);
  });
});

it.each([
  { error: new TypeError('text'), name: 'TypeError', message: 'text' },
  { error: 'thrown', name: 'string', message: 'thrown' },
  { error: undefined, name: 'undefined', message: 'undefined' },
  { error: { name: 7 }, name: 'object', message: '[object Object]' },
])('is told of whatever was thrown: $name', ({ error, name, message }) => {
  expect(failureOf(error, record, 'handler')).toMatchObject({ error, name, message, stage: 'handler' });
});
