import { nextTurn } from '@velo/retry-core';

/** What promises that never reject resolve with, as it comes: answers that come together stay together. */
export async function* asTheyCome<T>(promises: readonly Promise<T>[]): AsyncGenerator<readonly T[], void> {
  const come: T[] = [];
  let wake = () => {};
  for (const promise of promises) {
    void promise.then((value) => {
      come.push(value);
      wake();
    });
  }
  for (let left = promises.length; left > 0; ) {
    if (come.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await nextTurn();
    left -= come.length;
    yield come.splice(0);
  }
}
