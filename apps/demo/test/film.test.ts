import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEFAULT_INPUT } from '../src/default-input.js';
import { decodeFilm, NotAFilmError } from '../src/films/film.js';

const decode = (row: unknown) => decodeFilm(Buffer.from(JSON.stringify(row)));

const FILM = { Title: 'The Land Girls', 'Release Date': 'Jun 12 1998' };

describe('decodeFilm', () => {
  it('reads a film', () => {
    expect(
      decode({
        ...FILM,
        Director: null,
        'Major Genre': 'Drama',
        'Production Budget': 8,
        'Worldwide Gross': 4,
      }),
    ).toEqual({
      title: 'The Land Girls',
      released: '1998-06-12',
      director: null,
      genre: 'Drama',
      budget: 8,
      worldwideGross: 4,
    });
  });

  it('takes what is missing beside title and date for unknown', () => {
    expect(decode(FILM)).toMatchObject({ director: null, genre: null, budget: null, worldwideGross: null });
  });

  it.each([
    { row: { ...FILM, Title: 1776 }, reason: 'title is not text: 1776' },
    { row: { ...FILM, Title: null }, reason: 'title is not text: null' },
    { row: { 'Release Date': 'Jun 12 1998' }, reason: 'title is not text: missing' },
    { row: { ...FILM, Title: '  ' }, reason: 'title is empty' },
    {
      row: { ...FILM, 'Release Date': 'Dec 31 2046' },
      reason: 'release date lies after 2014: "Dec 31 2046"',
    },
    { row: { ...FILM, 'Release Date': 'Feb 30 1999' }, reason: 'release date is not a date: "Feb 30 1999"' },
    { row: { ...FILM, 'Release Date': '1999-02-03' }, reason: 'release date is not a date: "1999-02-03"' },
    { row: { ...FILM, 'Release Date': 7 }, reason: 'release date is not a date: 7' },
    { row: { Title: 'x' }, reason: 'release date is not a date: missing' },
    { row: [FILM], reason: /^not a JSON object: \[\{/ },
    { row: null, reason: 'not a JSON object: null' },
    { row: 7, reason: 'not a JSON object: 7' },
  ])('refuses $row for good', ({ row, reason }) => {
    expect(() => decode(row)).toThrow(NotAFilmError);
    expect(() => decode(row)).toThrow(reason);
  });

  it('refuses a value that is no JSON, and no value', () => {
    expect(() => decodeFilm(Buffer.from('{'))).toThrow(/^not JSON: /);
    expect(() => decodeFilm(null)).toThrow('no value');
  });

  it.each(['Feb 29 2000', 'Dec 31 2014', 'Jan 01 1900'])('takes %s', (date) => {
    expect(decode({ ...FILM, 'Release Date': date }).released).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('finds the dirt of the real data: ten titles that are no text, 22 dates after 2014, and nothing else', () => {
    const reasons = new Map<string, number>();
    for (const line of readFileSync(DEFAULT_INPUT, 'utf8').trimEnd().split('\n')) {
      const reason = reasonOf(line);
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    expect(Object.fromEntries(reasons)).toEqual({
      none: 3_169,
      'title is not text': 10,
      'release date lies after 2014': 22,
    });
  });
});

function reasonOf(line: string): string {
  try {
    decodeFilm(Buffer.from(line));
    return 'none';
  } catch (error) {
    return (error as Error).message.split(': ')[0] ?? '';
  }
}
