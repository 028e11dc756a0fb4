import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from '../src/films/identity.js';
import { faultsOf, lastLine, Tally } from '../src/report/tally.js';

const bytesOf = (n: number) => Buffer.from(`film ${n}`);
const idOf = (n: number) => identify(n, bytesOf(n));
const NOTE = { reason: 'title is not text', example: '1776' };

function tallyOf({ source, output, dead }: { source: number[]; output: number[]; dead: number[] }) {
  const tally = new Tally();
  for (const n of dead) tally.deadLetter(idOf(n), bytesOf(n), NOTE);
  for (const n of source) tally.source(idOf(n), bytesOf(n));
  for (const n of output) tally.output(idOf(n), idOf(n));
  return tally.result();
}

describe('Tally', () => {
  it('counts films, not records', () => {
    const result = tallyOf({ source: [1, 2, 3, 3], output: [1, 1, 2], dead: [3, 3] });
    expect(result).toMatchObject({
      produced: 3,
      handled: 2,
      deadLettered: 1,
      lost: 0,
      spoiled: 0,
      strangers: 0,
    });
    expect(result.duplicates).toEqual({ source: 1, output: 1, deadLetters: 1 });
    expect(result.deadLetterReasons).toEqual([{ ...NOTE, films: 1 }]);
    expect(faultsOf(result, 3)).toEqual([]);
    expect(lastLine(result)).toBe('3 produced, 2 handled, 1 dead-lettered, 0 lost');
  });

  it('counts a film that is in both as handled', () => {
    const result = tallyOf({ source: [1], output: [1], dead: [1] });
    expect(result).toMatchObject({ handled: 1, deadLettered: 0, lost: 0, inBoth: 1, deadLetterReasons: [] });
  });

  it('names what is lost', () => {
    const result = tallyOf({ source: [1, 2, 3], output: [1], dead: [] });
    expect(result.firstLost).toEqual([idOf(2), idOf(3)]);
    expect(lastLine(result)).toBe('3 produced, 1 handled, 0 dead-lettered, 2 lost');
    expect(faultsOf(result, 3)).toEqual([`lost: ${idOf(2)}, ${idOf(3)}`]);
  });

  it('sees that the source topic lacks films of the input', () => {
    expect(faultsOf(tallyOf({ source: [1], output: [1], dead: [] }), 2)).toEqual([
      'the input has 2 records, the source topic holds 1 of them',
    ]);
  });

  it('sees records that belong to no film', () => {
    const result = tallyOf({ source: [1], output: [1, 7], dead: [8] });
    expect(result).toMatchObject({ produced: 1, handled: 1, deadLettered: 0, strangers: 2 });
    expect(faultsOf(result, 1)).toHaveLength(1);
  });

  it('sees bytes that were changed on the way', () => {
    const tally = new Tally();
    tally.source(idOf(1), bytesOf(1));
    tally.source(idOf(2), bytesOf(2));
    tally.deadLetter(idOf(1), Buffer.from('other'), NOTE);
    tally.output(idOf(2), idOf(1));
    expect(tally.result()).toMatchObject({ spoiled: 2, lost: 0 });
    expect(faultsOf(tally.result(), 2)).toHaveLength(1);
  });

  it('always adds up, in whatever order and however often the records come', () => {
    const some = fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 });
    fc.assert(
      fc.property(some, some, some, (source, output, dead) => {
        const result = tallyOf({ source, output, dead });
        expect(result.produced).toBe(new Set(source).size);
        expect(result.lost).toBeGreaterThanOrEqual(0);
        expect(result.handled + result.deadLettered + result.lost).toBe(result.produced);
      }),
    );
  });
});
