/** Control characters, direction marks and line separators: they would let a message forge lines or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]+/gu;
const EACH_UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** The text in one line, without control characters, at most `limit` characters long. */
export function printable(text: string, limit: number): string {
  const clean = text
    .slice(0, limit * 4)
    .replace(UNPRINTABLE, ' ')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** The same for a text of several lines, such as a stack trace: line feeds and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/gu, ' ');
}

/** The text with its control characters as JavaScript's escapes: all of it can still be told. */
export function printed(text: string): string {
  return text.replace(EACH_UNPRINTABLE, (character) => `\\u{${hexOf(character)}}`);
}

/** The text as one word of a shell: of any POSIX one, or with control characters of bash, which knows `$'…'`. */
export function shellWord(text: string): string {
  if (/^[\w.,:@%+/][\w.,:@%+/-]*$/.test(text)) return text;
  const quoted = text.replaceAll("'", "'\\''");
  if (quoted.search(EACH_UNPRINTABLE) < 0) return `'${quoted}'`;
  const escaped = text
    .replace(/['\\]/g, '\\$&')
    .replace(EACH_UNPRINTABLE, (character) => `\\U${hexOf(character).padStart(8, '0')}`);
  return `$'${escaped}'`;
}

function hexOf(character: string): string {
  return (character.codePointAt(0) as number).toString(16);
}
