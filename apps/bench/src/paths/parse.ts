import { parse as parseLukeed } from '@lukeed/ms';
import { parseDuration } from '@velo/retry-core';
import ms, { type StringValue } from 'ms';
import parseDurationPeer from 'parse-duration';
import { scanDuration } from '../../../../packages/retry-core/src/durations/scan-duration.js';
import type { Case, Path } from '../micro/path.js';
import { parseByExpression } from '../references/before-parse.js';
import { fresh, inputsOf, varied } from './inputs.js';

/** The texts of the specification's own benchmark. */
const TEXTS = ['30s', '5m', '1h'];

function cases(): readonly Case[] {
  const known = new Map<string, number | undefined>();
  return [
    { name: 'parseDuration', kind: 'velo', call: parseDuration },
    { name: 'scan each time', kind: 'tried', call: scanDuration },
    { name: 'regular expression each time', kind: 'before', call: parseByExpression },
    {
      name: 'Map in front of it',
      kind: 'obvious',
      call: (text: string) => {
        let value = known.get(text);
        if (value === undefined && !known.has(text)) {
          value = parseByExpression(text);
          known.set(text, value);
        }
        return value;
      },
    },
    { name: 'ms', kind: 'peer', call: (text: string) => ms(text as StringValue) },
    { name: '@lukeed/ms', kind: 'peer', call: (text: string) => parseLukeed(text) },
    { name: 'parse-duration', kind: 'peer', call: (text: string) => parseDurationPeer(text) ?? 0 },
  ];
}

export const parsePaths: readonly Path[] = [
  {
    id: 'parse',
    title: 'parse a duration, cached',
    inputs: () => inputsOf(varied(TEXTS)),
    cases,
    rust: 'parse',
  },
  {
    id: 'parse-fresh',
    title: 'the same, the text in a new string each time',
    inputs: () => inputsOf((index) => fresh(varied(TEXTS)(index))),
    cases,
    rust: 'parse',
  },
];
