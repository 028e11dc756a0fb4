import { describe, expect, it } from 'vitest';
import { compare } from '../src/report/checks.js';
import { lastLine, table } from '../src/report/table.js';

const letter = (id: string, attempts = 3) => ({ id, attempts });

describe('a comparison', () => {
  it('finds nothing in what is as it should be, in whatever order', () => {
    const check = compare('Spring', 'letters', [letter('b'), letter('a')], [letter('a'), letter('b')]);
    expect(check).toMatchObject({ compared: 2, faults: [] });
  });

  it('names what is missing, what came once too often and what differs', () => {
    const seen = [letter('a', 2), letter('b'), letter('b')];
    const { faults } = compare('Spring', 'letters', seen, [letter('a'), letter('b'), letter('c')]);
    expect(faults).toEqual(['a: attempts is 2, not 3', 'c: missing', 'b: once too often']);
  });
});

describe('the table', () => {
  it('has columns that line up, and faults under their line', () => {
    const checks = [
      { system: 'Spring Kafka 4.1.2', what: 'attempts', compared: 12, faults: [] },
      { system: 'Connect', what: 'dead letters', compared: 2, faults: ['a: missing'] },
    ];
    expect(table(checks).split('\n')).toEqual([
      'system              what          compared',
      'Spring Kafka 4.1.2  attempts            12  ok',
      'Connect             dead letters         2  FAILED',
      '    a: missing',
    ]);
    expect(lastLine(checks)).toBe('2 checks, 1 failed');
  });
});
