import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULT_VERSIONS, parseOptions } from '../src/options.js';

beforeEach(() => void vi.spyOn(process.stderr, 'write').mockReturnValue(true));
afterEach(() => vi.restoreAllMocks());

describe('the options', () => {
  it('have the versions that are checked without any', () => {
    expect(parseOptions([])).toEqual(DEFAULT_VERSIONS);
  });

  it('take other versions, or none', () => {
    const given = parseOptions(['--spring', '4.1.1,3.3.1', '--connect', 'none']);
    expect(given).toEqual({ spring: ['4.1.1', '3.3.1'], connect: [] });
  });

  it.each([
    ['--spring', '2.9.13'],
    ['--spring', 'newest'],
    ['--connect', '4'],
    ['--camel', '1.0.0'],
  ])('refuse %s %s', (...args) => {
    expect(() => parseOptions(args)).toThrow();
  });
});
