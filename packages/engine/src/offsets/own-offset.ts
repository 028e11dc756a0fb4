import type { CommittedOffset } from '../binding/binding.js';

/** What a group has committed of a topic as it is now. */
export interface OwnOffset extends CommittedOffset {
  /** What was committed of a topic that had the name before; nothing is committed of this one then. */
  readonly former?: number;
}

export const NOTHING: OwnOffset = { offset: -1, metadata: '' };

/** Where the group goes on; `undefined` where no commit says it. */
export function positionOf({ offset }: CommittedOffset = NOTHING): number | undefined {
  return offset === 'earliest' || offset < 0 ? undefined : offset;
}
