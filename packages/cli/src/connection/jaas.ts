/** One login as `sasl.jaas.config` has it. */
export interface JaasLogin {
  /** The class without its package: `PlainLoginModule`. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/** A part of the text: a word, one in quotes, or a sign. */
type Token = { readonly kind: 'word' | 'quoted' | 'sign'; readonly text: string };

const WORD = /[\p{L}\p{N}_$.-]/u;
const CONTROL_FLAGS = ['required', 'requisite', 'sufficient', 'optional'];
const ESCAPED: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/**
 * Reads `sasl.jaas.config`: `Module required name="value" … ;`, quoted and escaped as in Kafka.
 *
 * @returns what is wrong with the text, where it is not of this form; never a value, which may be a secret
 */
export function parseJaas(text: string): JaasLogin | { readonly reason: string } {
  const tokens = tokensOf(text);
  if ('reason' in tokens) return tokens;
  const [module, flag, ...rest] = tokens;
  if (module?.kind !== 'word') return { reason: 'it must begin with the class of a login module' };
  if (flag?.kind !== 'word' || !CONTROL_FLAGS.includes(flag.text.toLowerCase()))
    return { reason: `after the login module must stand one of ${CONTROL_FLAGS.join(', ')}` };
  const options = new Map<string, string>();
  let at = 0;
  for (; rest[at] !== undefined && rest[at]?.text !== ';'; at += 3) {
    const [name, sign, value] = rest.slice(at, at + 3);
    if (name?.kind !== 'word') return { reason: `option ${options.size + 1} has no name` };
    if (sign?.kind !== 'sign' || sign.text !== '=' || value === undefined || value.kind === 'sign')
      return { reason: `option ${options.size + 1} must be of the form name="value"` };
    options.set(name.text, value.text);
  }
  if (rest[at]?.kind !== 'sign') return { reason: 'it must end in a semicolon' };
  if (rest[at + 1] !== undefined)
    return { reason: 'after its semicolon must stand nothing: one login is all' };
  return { module: module.text.split('.').at(-1) as string, options };
}

function tokensOf(text: string): Token[] | { readonly reason: string } {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] as string;
    if (/\s/.test(character)) {
      at++;
    } else if (character === '=' || character === ';') {
      tokens.push({ kind: 'sign', text: character });
      at++;
    } else if (character === '"' || character === "'") {
      const quoted = quotedFrom(text, at);
      if (quoted === undefined) return { reason: 'a quotation mark is not closed' };
      tokens.push({ kind: 'quoted', text: quoted.text });
      at = quoted.end;
    } else if (WORD.test(character)) {
      let end = at + 1;
      while (end < text.length && WORD.test(text[end] as string)) end++;
      tokens.push({ kind: 'word', text: text.slice(at, end) });
      at = end;
    } else {
      return { reason: 'a value with other signs than letters, digits, . _ $ and - must stand in quotes' };
    }
  }
  return tokens;
}

/** As Java's `StreamTokenizer` reads a string: escapes as in C, octal numbers too. */
function quotedFrom(
  text: string,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let result = '';
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at] as string;
    if (character === text[start]) return { text: result, end: at + 1 };
    if (character !== '\\') {
      result += character;
      continue;
    }
    const octal = /^(?:[0-3][0-7]{0,2}|[4-7][0-7]?)/.exec(text.slice(at + 1, at + 4))?.[0];
    if (octal !== undefined) {
      result += String.fromCharCode(Number.parseInt(octal, 8));
      at += octal.length;
    } else {
      const escaped = text[++at] ?? '';
      result += ESCAPED[escaped] ?? escaped;
    }
  }
  return undefined;
}
