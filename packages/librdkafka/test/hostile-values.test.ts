import { describe, expect, it } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import { CODES, coded, codeOf, isSilence, LibrdKafkaError } from '../src/errors/codes.js';
import { noToken, undelivered } from '../src/errors/errors.js';
import { isFatal } from '../src/errors/fatal-error.js';
import { Faults } from '../src/errors/faults.js';

/** Whatever a call of a client's, a token source or a logger throws, rejects with or answers. */
const zoo = Object.entries(hostileValues)
  // Nobody else would handle its rejection here.
  .filter(([name]) => !name.startsWith('a rejected promise'))
  .map(([name, make]) => ({ name, make }));

describe.each(zoo)('of $name', ({ make }) => {
  it('the code is none, or a number', () => {
    const code = codeOf(make());
    expect(code === undefined || typeof code === 'number').toBe(true);
    expect(isFatal(make())).toBe(false);
    expect(isSilence(make())).toBe(false);
  });

  it('it stays as it is, or has its code put back', () => {
    const value = make();
    for (const told of [coded(value), undelivered(value)])
      expect(Object.is(told, value) || told instanceof LibrdKafkaError).toBe(true);
  });

  it('the log explains nothing of it', () => {
    const value = make();
    const faults = new Faults(1);
    expect(Object.is(faults.explain(value), value)).toBe(true);
  });

  it('a text of velo’s quotes it', () => {
    expect(noToken(make()).message.length).toBeLessThan(700);
  });
});

it('a lost code is put back, one that is there stays', () => {
  const lost = Object.assign(new Error('broker transport failure'), { code: -1 });
  expect(codeOf(lost)).toBe(CODES.TRANSPORT);
  expect(coded(lost)).toMatchObject({ code: CODES.TRANSPORT, cause: lost });
  const kept = Object.assign(new Error('x'), { code: CODES.TIMED_OUT });
  expect(coded(kept)).toBe(kept);
});
