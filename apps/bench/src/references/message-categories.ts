import type { ErrorCategory } from '@velo/retry-core';

/** The specification's patterns, first match wins. */
const PATTERNS: readonly (readonly [category: ErrorCategory, texts: readonly string[]])[] = [
  ['TopicMissing', ['unknown topic', 'topic does not exist', 'topic not found']],
  ['NetworkIssue', ['network', 'connection', 'broker']],
  ['AuthenticationIssue', ['auth', 'permission', 'unauthorized']],
];

const EXPRESSIONS = PATTERNS.map(
  ([category, texts]) => [category, new RegExp(texts.join('|'), 'i')] as const,
);
const ANY = new RegExp(PATTERNS.flatMap(([, texts]) => texts).join('|'), 'i');

/** The specification's "before", and what it still does for a new message: lower case, then one search each. */
export function byLowerAndIncludes(message: string): ErrorCategory {
  const lower = message.toLowerCase();
  for (const [category, texts] of PATTERNS) {
    for (const text of texts) if (lower.includes(text)) return category;
  }
  return 'Unknown';
}

/** Three compiled patterns in order. */
export function byThreeExpressions(message: string): ErrorCategory {
  for (const [category, expression] of EXPRESSIONS) if (expression.test(message)) return category;
  return 'Unknown';
}

/** One compiled pattern of all first, then which. */
export function byOneExpression(message: string): ErrorCategory {
  return ANY.test(message) ? byThreeExpressions(message) : 'Unknown';
}

/** Characters that the automaton tells apart: ASCII without capitals, and one for all else. */
const ALPHABET = 128;

/** Aho-Corasick over character codes: one pass, whatever the number of patterns. */
export const byAhoCorasick: (message: string) => ErrorCategory = ahoCorasick();

function ahoCorasick(): (message: string) => ErrorCategory {
  const { next, rank } = automaton(PATTERNS.map(([, texts]) => texts));
  const names = PATTERNS.map(([category]) => category);
  return (message) => {
    let state = 0;
    let best = names.length;
    for (let i = 0; i < message.length; i++) {
      const code = message.charCodeAt(i);
      state = next[state * ALPHABET + (code < ALPHABET ? code : 0)] as number;
      const found = rank[state] as number;
      if (found < best) {
        if (found === 0) return names[0] as ErrorCategory;
        best = found;
      }
    }
    return names[best] ?? 'Unknown';
  };
}

function automaton(ranks: readonly (readonly string[])[]): { next: Int16Array; rank: Uint8Array } {
  const children: Map<number, number>[] = [new Map()];
  const ranksOf: number[] = [ranks.length];
  ranks.forEach((texts, index) => {
    for (const text of texts) {
      let state = 0;
      for (const character of text) {
        const code = character.charCodeAt(0);
        let child = children[state]?.get(code);
        if (child === undefined) {
          child = children.push(new Map()) - 1;
          ranksOf.push(ranks.length);
          children[state]?.set(code, child);
        }
        state = child;
      }
      ranksOf[state] = Math.min(ranksOf[state] as number, index);
    }
  });
  const next = new Int16Array(children.length * ALPHABET);
  const fail = new Int16Array(children.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number;
    for (let code = 0; code < ALPHABET; code++) {
      const child = children[state]?.get(code);
      const fallback = state === 0 ? 0 : (next[(fail[state] as number) * ALPHABET + code] as number);
      next[state * ALPHABET + code] = child ?? fallback;
      if (child === undefined) continue;
      fail[child] = fallback;
      ranksOf[child] = Math.min(ranksOf[child] as number, ranksOf[fallback] as number);
      queue.push(child);
    }
    for (let code = 65; code <= 90; code++)
      next[state * ALPHABET + code] = next[state * ALPHABET + code + 32] as number;
  }
  return { next, rank: Uint8Array.from(ranksOf) };
}
