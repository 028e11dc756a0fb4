import { formatDuration } from '@velo/retry-core';
import type { BreakerLimits, GuardLimits } from '../plan/flow.js';
import type { Route } from '../plan/plan-topic.js';

/** The limits that are set for a source, and what will happen, for people; without the indent of their lines. */
export function explainFlow({
  flow: { guard, rate, breaker, retryBudget },
  exhausted,
  ahead,
}: Route): string[] {
  const lines: string[] = [];
  if (rate !== undefined)
    lines.push(
      `rate:     ${number(rate.perSecond)} attempts begin in a second, evenly, up to ${number(rate.burst)} at once after a rest`,
    );
  if (breaker !== undefined) lines.push(`breaker:  ${explainBreaker(breaker)}`);
  if (retryBudget !== undefined) {
    const { ratio, minPerSecond, capacity } = retryBudget;
    const end = ahead.length > 0 ? 'a record goes to its next tier' : 'a record waits in place';
    lines.push(
      `budget:   ${number(ratio)} attempts in place for each success, ${number(minPerSecond)} a second in any case, up to ${number(capacity)} saved up; above it ${end}`,
    );
  }
  if (exhausted.action !== 'stop' && guard !== undefined) lines.push(`guard:    ${explainGuard(guard)}`);
  return lines;
}

function explainBreaker({ shared, options, openFor, probe }: BreakerLimits): string {
  const when =
    shared === undefined
      ? `${percent(options.failureShare)} % of the latest ${number(options.minAttempts)} attempts or more, within ${formatDuration(options.window)}, fail, not by the fault of their records`
      : 'the circuit that it shares opens';
  const how = probe === undefined ? 'one record alone succeeds' : 'the probe says that all is well';
  const then = shared === undefined ? `, tried each ${formatDuration(openFor)}` : '';
  return `if ${when}: nothing of the topic and its tiers starts, and no attempt is used up, until ${how}${then}`;
}

function explainGuard({ deadLetters, share, within, then, resumeAfter }: GuardLimits): string {
  const end =
    then === 'stop'
      ? 'the consumer stops before it'
      : `it is held, and all of the topic and its tiers, until resume()${resumeAfter === undefined ? '' : `, or until one record alone succeeds, tried each ${formatDuration(resumeAfter)}`}`;
  return `the ${ordinal(deadLetters)} record that is given up within ${formatDuration(within)}, if they are ${percent(share)} % of what ends: ${end}`;
}

const percent = (share: number) => Math.round(share * 1_000) / 10;
const number = (value: number) => value.toLocaleString('en-US');

function ordinal(value: number): string {
  const [tens, ones] = [value % 100, value % 10];
  const end = tens > 10 && tens < 14 ? 'th' : (['th', 'st', 'nd', 'rd'][ones] ?? 'th');
  return `${number(value)}${end}`;
}
