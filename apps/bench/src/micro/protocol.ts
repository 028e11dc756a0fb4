import type { Timing } from './statistics.js';

/** The name under which a child reports the loop without a call. */
export const LOOP = '(loop)';

export type ChildRequest = /** ms for each case */ { readonly round: number } | { readonly bytes: true };

export type ChildReply =
  | { readonly ready: true }
  | { readonly timings: Readonly<Record<string, Timing>> }
  | { readonly bytes: Readonly<Record<string, number>> };
