/** A text that Java's `Properties.load` refuses. */
export interface PropertiesFault {
  /** From 1. */
  readonly line: number;
  /** What is wrong there; never the value, which may be a secret. */
  readonly reason: string;
}

const ESCAPED: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Reads properties as `java.util.Properties.load` does: comments, lines that go on after a backslash, escapes. The last
 * one of a name wins. Linear in the text's length.
 */
export function parseProperties(
  text: string,
): { readonly properties: ReadonlyMap<string, string> } | PropertiesFault {
  const properties = new Map<string, string>();
  for (const { line, content } of logicalLines(text)) {
    const end = endOfName(content);
    const name = unescaped(content.slice(0, end));
    const value = unescaped(content.slice(end).replace(/^[ \t\f]*[=:]?[ \t\f]*/, ''));
    if (name === undefined || value === undefined)
      return { line, reason: '\\u must be followed by four hexadecimal digits' };
    properties.set(name, value);
  }
  return { properties };
}

/** Natural lines put together where one ends in a backslash; without comments, blank lines and leading white space. */
function* logicalLines(text: string): Generator<{ readonly line: number; readonly content: string }> {
  let line = 0;
  let begun: { line: number; parts: string[] } | undefined;
  for (const natural of text.split(/\r\n|\n|\r/)) {
    line++;
    const content = natural.replace(/^[ \t\f]+/, '');
    if (begun === undefined && (content === '' || /^[#!]/.test(content))) continue;
    begun ??= { line, parts: [] };
    if (endsOpen(content)) {
      begun.parts.push(content.slice(0, -1));
      continue;
    }
    begun.parts.push(content);
    yield { line: begun.line, content: begun.parts.join('') };
    begun = undefined;
  }
  if (begun !== undefined) yield { line: begun.line, content: begun.parts.join('') };
}

/** Whether the line goes on: its last backslash is not escaped by one before it. */
function endsOpen(line: string): boolean {
  let at = line.length;
  while (at > 0 && line[at - 1] === '\\') at--;
  return (line.length - at) % 2 === 1;
}

/** The first `=`, `:` or white space that no backslash stands before. */
function endOfName(content: string): number {
  for (let at = 0; at < content.length; at++) {
    if (content[at] === '\\') at++;
    else if (/[=: \t\f]/.test(content[at] as string)) return at;
  }
  return content.length;
}

function unescaped(text: string): string | undefined {
  let result = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (character !== '\\') {
      result += character;
      continue;
    }
    const escaped = text[++at] ?? '';
    if (escaped !== 'u') {
      result += ESCAPED[escaped] ?? escaped;
      continue;
    }
    const digits = text.slice(at + 1, at + 5);
    if (!/^[\da-f]{4}$/i.test(digits)) return undefined;
    result += String.fromCharCode(Number.parseInt(digits, 16));
    at += 4;
  }
  return result;
}
