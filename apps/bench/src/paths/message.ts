import { categorizeErrorMessage, type ErrorCategory } from '@velo/retry-core';
import type { Case, Path } from '../micro/path.js';
import {
  byAhoCorasick,
  byLowerAndIncludes,
  byOneExpression,
  byThreeExpressions,
} from '../references/message-categories.js';
import { fresh, inputsOf } from './inputs.js';

/** One for each way that the specification's patterns can end. */
const MESSAGES = [
  { id: 'topic', text: 'Unknown topic or partition: orders' },
  { id: 'network', text: 'Connection refused by peer 10.0.0.1:9092' },
  { id: 'auth', text: 'User is not authorized to access it' },
  { id: 'none', text: 'The coordinator is loading and hence cannot process requests for this group; wait a' },
];

function cases(): readonly Case[] {
  const known = new Map<string, ErrorCategory>();
  return [
    { name: 'categorizeErrorMessage', kind: 'velo', call: categorizeErrorMessage },
    { name: 'lower case + includes', kind: 'before', call: byLowerAndIncludes },
    { name: 'three regular expressions', kind: 'obvious', call: byThreeExpressions },
    { name: 'one regular expression', kind: 'tried', call: byOneExpression },
    { name: 'Aho-Corasick', kind: 'tried', call: byAhoCorasick },
    {
      name: 'Map in front of lower + includes',
      kind: 'obvious',
      call: (message: string) => {
        let category = known.get(message);
        if (category === undefined) {
          category = byLowerAndIncludes(message);
          known.set(message, category);
        }
        return category;
      },
    },
  ];
}

/** New messages come in rings longer than the memo: each has been forgotten when it comes again. */
const withoutMap = () => cases().slice(0, -1);

export const messagePaths: readonly Path[] = [
  ...MESSAGES.map(
    ({ id, text }): Path => ({
      id: `repeated-${id}`,
      title: `category by message, repeated: ${id}`,
      inputs: () => {
        const message = fresh(text);
        return inputsOf(() => message);
      },
      cases,
      rust: 'message',
    }),
  ),
  {
    id: 'repeated-fresh',
    title: 'category by message, repeated: all four in turn, each in a new string',
    inputs: () => inputsOf((index) => fresh((MESSAGES[index % MESSAGES.length] as { text: string }).text)),
    cases,
    rust: 'message',
  },
  ...MESSAGES.map(
    ({ id, text }): Path => ({
      id: `new-${id}`,
      title: `category by message, new: ${id}`,
      inputs: () => inputsOf((index) => fresh(text + index.toString(36))),
      cases: withoutMap,
      rust: 'message',
    }),
  ),
];
