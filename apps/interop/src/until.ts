import { setTimeout as sleep } from 'node:timers/promises';

/** ms. A JVM starts in 5 s, on a busy machine in 30 s; then records wait for up to 9 s at each hop. */
const LIMIT = 120_000;
const POLL = 100;

/** Looks until `look` gives something that is true. */
export async function until<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = performance.now() + LIMIT;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`not within ${LIMIT / 1_000} s: ${what}`);
    await sleep(POLL);
  }
}

/** Asks until there is an answer: brokers refuse for a moment what has just been made, and kafkajs passes that on. */
export async function patiently<T>(what: string, ask: () => Promise<T>): Promise<T> {
  let lastError: unknown;
  const answers = async () => {
    try {
      return { answer: await ask() };
    } catch (error) {
      lastError = error;
      return undefined;
    }
  };
  try {
    return (await until(what, answers)).answer;
  } catch (error) {
    throw new Error(`${what} cannot be had`, { cause: lastError ?? error });
  }
}
