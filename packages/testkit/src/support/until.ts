const POLL = 10;
/** What takes longer has failed; a busy machine needs some seconds. In ms. */
const LIMIT = 30_000;
/** Of a state in an error's text, in characters. */
const SHOWN = 2_000;

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Resolves as soon as `look` gives back something that is true, with that.
 *
 * @param what is waited for; after the limit it is the error, with `seen` behind it
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { limit = LIMIT, seen }: { readonly limit?: number; readonly seen?: () => unknown } = {},
): Promise<NonNullable<T>> {
  const end = Date.now() + limit;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) {
      const state = seen === undefined ? '' : `; seen: ${JSON.stringify(seen()).slice(0, SHOWN)}`;
      throw new Error(`not within ${limit} ms: ${what}${state}`);
    }
    await sleep(POLL);
  }
}
