import { PermanentError } from '@velo/retry-core';
import { type MemberConfig, textOf } from './world.js';

/** One attempt, one tier: a record that begins with `later` fails in its source, one with `never` always. */
export const failingByText = {
  retry: { inPlace: { maxAttempts: 1 }, tiers: [200] },
  handler: (record, { tier }) => {
    if (textOf(record)?.startsWith('never')) throw new PermanentError('never');
    if (tier === 0 && textOf(record)?.startsWith('later')) throw new Error('later');
  },
} satisfies Pick<MemberConfig, 'handler' | 'retry'>;
