import { categorizeErrorCode, type ErrorCategory, kafkaErrorCodes } from '@velo/retry-core';
import type { Case, Path } from '../micro/path.js';
import { categorizeCodeBySwitch } from '../references/switch-code.js';
import { inputsOf, varied } from './inputs.js';

/** Codes that failing clients meet, two that nobody knows among them. */
const CODES = [3, 7, 29, -195, 58, 40, 400, 8, 999, -188];

function cases(): readonly Case[] {
  const byCode = new Map<number, ErrorCategory>(kafkaErrorCodes.map((row) => [row.code, row.category]));
  const byKey: Record<string, ErrorCategory> = Object.fromEntries(byCode);
  return [
    { name: 'categorizeErrorCode', kind: 'velo', call: categorizeErrorCode },
    { name: 'Map', kind: 'obvious', call: (code: number) => byCode.get(code) ?? 'Unknown' },
    { name: 'object by key', kind: 'obvious', call: (code: number) => byKey[code] ?? 'Unknown' },
    { name: 'switch', kind: 'tried', call: categorizeCodeBySwitch },
  ];
}

export const codePaths: readonly Path[] = [
  {
    id: 'code',
    title: 'category by code',
    inputs: () => inputsOf(varied(CODES)),
    cases,
    rust: 'code',
  },
];
