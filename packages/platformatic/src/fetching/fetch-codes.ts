/** Codes of a partition in the answer to a fetch. */
export const OFFSET_OUT_OF_RANGE = 1;

/**
 * Metadata are to be looked at anew: the leader has moved, is away or has another epoch, or the topic was deleted, perhaps
 * made again with another id.
 */
export const MOVED: ReadonlySet<number> = new Set([3, 5, 6, 9, 56, 74, 75, 76, 100, 103]);

/** REQUEST_TIMED_OUT; OFFSET_NOT_AVAILABLE: a new leader does not know yet how far it may tell. */
export const LATER: ReadonlySet<number> = new Set([7, 78]);
