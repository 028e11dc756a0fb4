import { type PathResult, RUST } from '../micro/run-path.js';
import type { Goal } from './goals.js';

/** Machines are noisy: a limit is broken when it is passed by this factor. */
const RATIO_MARGIN = 1.25;
/**
 * What V8 makes of JavaScript, against native code, differs by processor: the same code and Node took 0.42 of the Rust's time on
 * an Intel Xeon and 0.80 on an AMD EPYC, where every JavaScript reference was slower alike.
 */
const RUST_MARGIN = 2;
/** Nanoseconds also depend on the machine's age; the ratios beside them do not. */
const NS_MARGIN = 2.5;
/** The heap's own bookkeeping, per call. */
const BYTES_MARGIN = 4;

/** What became of one goal. */
export interface Verdict {
  readonly goal: Goal;
  /** A ratio, or nanoseconds, or bytes. */
  readonly measured: number;
  /** With the margin. */
  readonly limit: number;
  /** The goal itself, without any margin. */
  readonly reached: boolean;
  /** Within the limit. */
  readonly kept: boolean;
}

/** Judges the goals of one path; a goal against something that was not measured (Rust) is left out. */
export function judgePath(result: PathResult, goals: readonly Goal[]): Verdict[] {
  return goals
    .filter(({ path }) => path === result.id)
    .flatMap((goal) => {
      const measured = measure(result, goal);
      return measured === undefined ? [] : [judge(goal, measured)];
    });
}

export function judge(goal: Goal, measured: number): Verdict {
  const limit = limitOf(goal);
  // Below half a byte a call, the heap only moved by itself.
  const slack = goal.against === 'bytes' ? BYTES_MARGIN : 0;
  return { goal, measured, limit, reached: measured <= goal.most + slack, kept: measured <= limit };
}

function limitOf({ against, most, accepted }: Goal): number {
  if (against === 'ns') return most * NS_MARGIN;
  if (against === 'bytes') return most + BYTES_MARGIN;
  return (accepted ?? most) * (against === RUST ? RUST_MARGIN : RATIO_MARGIN);
}

function measure({ cases }: PathResult, goal: Goal): number | undefined {
  const find = (name: string) => cases.find((candidate) => candidate.name === name);
  const own = find(goal.case);
  if (own === undefined) return undefined;
  if (goal.against === 'ns') return own.net;
  if (goal.against === 'bytes') return own.bytes;
  const other = find(goal.against);
  return other === undefined ? undefined : own.net / other.net;
}

/** The verdict in words: what, how much, against what. */
export function describe({ goal, measured, limit, reached, kept }: Verdict): string {
  const amount =
    goal.against === 'ns' || goal.against === 'bytes'
      ? `${measured.toFixed(1)} ${goal.against}, goal ${goal.most}`
      : `${measured.toFixed(2)} of ${goal.against}, goal ${goal.most}`;
  const accepted =
    goal.accepted === undefined || reached ? '' : ` (not reached; accepted up to ${goal.accepted})`;
  const broken = kept ? '' : `, limit ${limit.toFixed(2)} BROKEN`;
  return `${goal.path}: ${goal.case} at ${amount}${accepted}${broken}`;
}
