import { formatDuration } from '@velo/retry-core';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** How long ago, for people: `3h 12m`, `2d 4h`, in no more than two units. */
export function ago(then: number, now: number): string {
  const ms = Math.max(0, now - then);
  const unit = ms >= DAY ? HOUR : ms >= HOUR ? 60 * SECOND : SECOND;
  return formatDuration(Math.floor(ms / unit) * unit).replace(/^0ms$/, '0s');
}

/** A moment as every log has it; what no calendar has is told as it is. */
export function moment(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
