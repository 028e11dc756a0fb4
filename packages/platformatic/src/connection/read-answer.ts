import { readProperty } from '@velo/engine';

/**
 * An answer, though the client takes one with codes in it for an error, as a whole: of a fetch of ten partitions, it
 * would drop nine for the sake of one. Undefined where there is none.
 */
export function readAnswer<T>(error: unknown, response: T | undefined): T | undefined {
  if (error === null || error === undefined) return response;
  if (readProperty(error, 'code') !== 'PLT_KFK_RESPONSE') return undefined;
  return (readProperty(error, 'response') as T | null) ?? undefined;
}
