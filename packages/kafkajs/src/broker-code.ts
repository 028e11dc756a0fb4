import { readProperty } from '@velo/engine';
import { causes } from './causes.js';

/** The number that a broker answered with, from the innermost cause; `undefined` if no broker answered. Never throws. */
export function brokerCode(error: unknown): number | undefined {
  let found: number | undefined;
  for (const each of causes(error)) {
    const code = readProperty(each, 'code');
    if (typeof code === 'number') found = code;
  }
  return found;
}
