import type { IHeaders } from 'kafkajs';

export type ExactHeader = readonly [name: string, value: Buffer | string | null];

/**
 * Headers that kafkajs writes in this very order, nulls included. By itself it groups them by name, and fails on a
 * null because it asks for its length first; but it takes the entries from the `map` of a list, and asks each entry
 * for its value anew.
 */
export function exactHeaders(headers: readonly ExactHeader[]): IHeaders {
  if (headers.length === 0) return {};
  const list: string[] = [];
  const entries = headers.map(([key, value]) => (value === null ? nullEntry(key) : { key, value }));
  Object.defineProperty(list, 'map', { value: () => entries });
  return { all: list };
}

function nullEntry(key: string): { readonly key: string; readonly value: string | null } {
  let asked = false;
  return {
    key,
    get value() {
      if (asked) return null;
      asked = true;
      return '';
    },
  };
}
