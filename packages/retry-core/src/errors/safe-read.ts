/** Reading errors of any origin: getters and proxies may throw, and whatever they hold may be of any type. */

/** The property, or `undefined` if there is none or reading it throws. */
export function readProperty(value: unknown, key: string): unknown {
  if (!isObject(value)) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** The property if it is a text, else an empty one. */
export function readText(value: unknown, key: string): string {
  const text = readProperty(value, key);
  return typeof text === 'string' ? text : '';
}

/** The first `limit` elements if the property is an array, else none. */
export function readArray(value: unknown, key: string, limit: number): readonly unknown[] {
  const array = readProperty(value, key);
  try {
    return Array.isArray(array) ? Array.prototype.slice.call(array, 0, limit) : [];
  } catch {
    return [];
  }
}

/** The name of the class, or an empty text. */
export function readClassName(value: unknown): string {
  return readText(readProperty(value, 'constructor'), 'name');
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
