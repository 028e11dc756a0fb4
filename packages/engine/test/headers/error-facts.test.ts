import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/failures/failure.js';
import { errorFacts } from '../../src/headers/error-facts.js';
import { recordWith } from '../support/copies.js';

const factsOf = (error: unknown, stackTraces = true) =>
  errorFacts(failureOf(error, recordWith(), 'handler'), stackTraces);
/** Ends beyond what short messages are cut to, in the middle of a secret. */
const LONG = `${'x'.repeat(490)} password=hunter2andmore end`;

describe('the message', () => {
  it.each([
    { what: 'of an error', error: new Error(LONG) },
    { what: 'that was thrown as a text', error: LONG },
  ])('$what is read whole, so that a secret in it is known for one', ({ error }) => {
    expect(factsOf(error).message).toBe(`${'x'.repeat(490)} password=*** end`);
  });

  it.each([
    { what: 'a number', error: 42, message: '42' },
    { what: 'nothing', error: undefined, message: 'undefined' },
    { what: 'an error without one', error: new RangeError(), message: 'RangeError' },
    { what: 'an object', error: { message: 7 }, message: '7' },
  ])('of $what says what was thrown', ({ error, message }) => {
    expect(factsOf(error).message).toBe(message);
  });
});

describe('the cause', () => {
  it.each([
    { what: 'none', error: new Error('x'), cause: undefined },
    { what: 'an error', error: new Error('x', { cause: new RangeError('y') }), cause: 'RangeError' },
    { what: 'a text', error: new Error('x', { cause: 'y' }), cause: 'string' },
  ])('$what', ({ error, cause }) => {
    expect(factsOf(error).cause).toBe(cause);
  });
});

describe('the stack', () => {
  const withStack = (stack: string, cause?: unknown) => Object.assign(new Error('x', { cause }), { stack });

  it('ends with the last cause that has one', () => {
    const stack = factsOf(withStack('one', withStack('two', { name: 'no stack' }))).stack;
    expect(stack).toBe('one\nCaused by: two');
  });

  it('holds four of a circle of causes', () => {
    const error = withStack('circle');
    error.cause = error;
    expect(factsOf(error).stack).toBe(Array(4).fill('circle').join('\nCaused by: '));
  });

  it.each(['a thrown text', undefined, { stack: 7 }])('is none where there is none: %o', (error) => {
    expect(factsOf(error).stack).toBeUndefined();
  });

  it('keeps its lines and tabs; other control characters and direction marks become spaces', () => {
    expect(factsOf(withStack('a\n\tb\r\0\u202ec')).stack).toBe('a\n\tb   c');
  });

  it('is not read unless it is asked for', () => {
    expect(factsOf(withStack('one'), false).stack).toBeUndefined();
  });
});
