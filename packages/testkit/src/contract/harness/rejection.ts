/**
 * What a promise rejects with. For scenarios run side by side: vitest's `rejects` would be counted for whichever
 * test has begun last.
 *
 * @throws if it resolves
 */
export function rejection(promise: Promise<unknown>): Promise<Error & { readonly code?: unknown }> {
  return promise.then(
    () => {
      throw new Error('it was to reject, and has resolved');
    },
    (error) => error,
  );
}
