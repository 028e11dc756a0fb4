/** Control characters, direction marks and line separators: they would let a message forge lines or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;

/** The text in one line, without control characters, at most `limit` characters long. */
export function printable(text: string, limit: number): string {
  const clean = text
    .slice(0, limit * 4)
    .replace(UNPRINTABLE, ' ')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** The text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w.,:@%+/][\w.,:@%+/-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
