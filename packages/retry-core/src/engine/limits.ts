import type { Clock } from '../clock.js';

/** Waits for `work`, but no longer than `limit` ms. `false` when the limit came first; a rejection counts as an end. */
export async function within<T>(
  limit: number,
  work: Promise<T> | undefined,
  clock: Clock,
): Promise<T | undefined | false> {
  if (work === undefined) return undefined;
  let cancel = () => {};
  const late = new Promise<false>((resolve) => {
    cancel = clock.schedule(limit, () => resolve(false));
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return undefined;
  } finally {
    cancel();
  }
}
