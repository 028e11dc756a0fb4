import { setTimeout as sleep } from 'node:timers/promises';

/** Between two looks, ms. */
const POLL = 100;

/**
 * Looks until `look` finds something, or throws what it is to say. What `look` throws counts as nothing found.
 *
 * @param limit ms
 */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  what: string,
  {
    limit,
    signal,
    poll = POLL,
  }: { readonly limit: number; readonly signal: AbortSignal; readonly poll?: number },
): Promise<T> {
  const end = performance.now() + limit;
  let lastError: unknown;
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    if (performance.now() > end)
      throw new Error(`not within ${limit / 1_000} s: ${what}`, { cause: lastError });
    await sleep(poll, undefined, { signal });
  }
}
