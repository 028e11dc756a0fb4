import { formatDuration } from '@velo/retry-core';
import type { Route } from '../plan/plan-topic.js';

/** The limits that are set for a source, and what will happen, for people; without the indent of their lines. */
export function explainFlow({ flow: { guard }, exhausted }: Route): string[] {
  if (exhausted.action === 'stop' || guard === undefined) return [];
  const { deadLetters, share, within, then, resumeAfter } = guard;
  const end =
    then === 'stop'
      ? 'the consumer stops before it'
      : `it is held, and all of the topic and its tiers, until resume()${resumeAfter === undefined ? '' : `, or until one record alone succeeds, tried each ${formatDuration(resumeAfter)}`}`;
  return [
    `guard:    the ${ordinal(deadLetters)} record that is given up within ${formatDuration(within)}, if they are ${Math.round(share * 1_000) / 10} % of what ends: ${end}`,
  ];
}

function ordinal(number: number): string {
  const [tens, ones] = [number % 100, number % 10];
  const end = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][ones] ?? 'th');
  return `${number.toLocaleString('en-US')}${end}`;
}
