/**
 * A promise of what `await value` would come to: of any thenable, also one that resolves with another. A promise of the
 * language's own is given back as it is, since one more around it costs a third of an asynchronous attempt (apps/bench);
 * one whose `then` was overwritten is not, since its `then` need not keep a promise's rules.
 *
 * @throws what a hostile value throws when it is looked at, as `await` would
 */
export function adopt<T>(value: T | PromiseLike<T>): Promise<T> {
  const promise = Promise.resolve(value) as Promise<T>;
  return promise.then === Promise.prototype.then ? promise : new Promise((resolve) => resolve(promise));
}

/** Whether `await` would wait for it. @throws what a hostile value throws when it is looked at, as `await` would */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function';
}

/**
 * A rejection that nobody handles would end the process: of what is typed to give back nothing and is asynchronous all the
 * same, or of a promise that was thrown. Nobody waits for it. Never throws.
 *
 * @param rejected is told of a rejection; it must not throw
 */
export function watchRejection(value: unknown, rejected: (error: unknown) => void = ignore): void {
  if (value === undefined) return;
  try {
    if (isThenable(value)) adopt(value).catch(rejected);
  } catch (error) {
    rejected(error);
  }
}

/**
 * Calls what others have written and nobody waits for: a listener, a logger, a counter. Never throws.
 *
 * @param failed is told what it throws or rejects with; it must not throw
 */
export function callSafely(call: () => unknown, failed: (error: unknown) => void = ignore): void {
  try {
    watchRejection(call(), failed);
  } catch (error) {
    watchRejection(error);
    failed(error);
  }
}

function ignore(): void {}
