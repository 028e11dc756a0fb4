/**
 * node-rdkafka's calls wait in libuv's thread pool, which has 4 threads at its default: this leaves one for everybody
 * else, `fs` and DNS among them.
 */
const MAX_THREADS = 3;

/** Maps in order, a few at a time; rejects with the first failure, after which nothing more is begun. */
export async function concurrently<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    while (next < items.length && !failed) {
      const index = next++;
      try {
        results[index] = await map(items[index] as T);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(MAX_THREADS, items.length) }, work));
  return results;
}
