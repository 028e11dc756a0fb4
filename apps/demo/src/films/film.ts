/** The last year that a film of this collection can have been released in; what lies later is a wrong century. */
const NEWEST_YEAR = 2014;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

export interface Film {
  readonly title: string;
  /** `YYYY-MM-DD`. */
  readonly released: string;
  readonly director: string | null;
  readonly genre: string | null;
  /** In US dollars. */
  readonly budget: number | null;
  /** In US dollars. */
  readonly worldwideGross: number | null;
}

/** A record that no number of retries can make a film of. The text before `: ` is the same for all of one reason. */
export class NotAFilmError extends Error {
  override readonly name = 'NotAFilmError';
}

/**
 * Decodes and validates the bytes of one record.
 *
 * @throws {NotAFilmError} if it can never pass
 */
export function decodeFilm(bytes: Buffer | null): Film {
  if (bytes === null) throw new NotAFilmError('no value');
  const row = parseObject(bytes);
  return {
    title: titleOf(row.Title),
    released: releasedOf(row['Release Date']),
    director: textOrNull(row.Director),
    genre: textOrNull(row['Major Genre']),
    budget: numberOrNull(row['Production Budget']),
    worldwideGross: numberOrNull(row['Worldwide Gross']),
  };
}

function parseObject(bytes: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString());
  } catch (error) {
    throw new NotAFilmError(`not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new NotAFilmError(`not a JSON object: ${show(value)}`);
  }
  return value as Record<string, unknown>;
}

function titleOf(value: unknown): string {
  if (typeof value !== 'string') throw new NotAFilmError(`title is not text: ${show(value)}`);
  if (value.trim() === '') throw new NotAFilmError('title is empty');
  return value;
}

/** `Jun 12 1998` as `1998-06-12`. */
function releasedOf(value: unknown): string {
  const match = typeof value === 'string' ? /^([A-Z][a-z]{2}) (\d{1,2}) (\d{4})$/.exec(value) : null;
  const month = match === null ? 0 : MONTHS.indexOf(match[1] ?? '') + 1;
  const day = Number(match?.[2]);
  const year = Number(match?.[3]);
  if (month === 0 || day < 1 || day > daysIn(year, month)) {
    throw new NotAFilmError(`release date is not a date: ${show(value)}`);
  }
  if (year > NEWEST_YEAR) throw new NotAFilmError(`release date lies after ${NEWEST_YEAR}: ${show(value)}`);
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/** The value as JSON, at most 60 characters of it. */
function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
