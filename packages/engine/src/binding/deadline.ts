import { type Clock, systemClock } from '@velo/retry-core';

const LATE = Symbol('late');

/** Waits for `work`, but no longer than `limit` ms. `false` when the limit came first; a rejection counts as an end. */
export async function within<T>(
  limit: number,
  work: Promise<T> | undefined,
  clock: Clock = systemClock,
): Promise<T | undefined | false> {
  if (work === undefined) return undefined;
  try {
    const end = await race(limit, work, clock);
    return end === LATE ? false : end;
  } catch {
    return undefined;
  }
}

/** The result of `work`. @throws what it rejects with, or what `late` makes if it takes longer than `limit` ms */
export async function inTime<T>(limit: number, work: Promise<T>, late: () => Error): Promise<T> {
  const end = await race(limit, work, systemClock);
  if (end === LATE) throw late();
  return end;
}

async function race<T>(limit: number, work: Promise<T>, clock: Clock): Promise<T | typeof LATE> {
  let cancel = () => {};
  const late = new Promise<typeof LATE>((resolve) => {
    cancel = clock.schedule(limit, () => resolve(LATE));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
