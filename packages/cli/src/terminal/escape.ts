import { printed } from '@velo/retry-core';

/** Longer texts of strangers are cut, in characters. */
const CELL = 60;

/** A text that others chose, in one line that cannot send a terminal anything but itself. */
export function cell(text: string, limit = CELL): string {
  const clean = printed(text.slice(0, limit * 4));
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
