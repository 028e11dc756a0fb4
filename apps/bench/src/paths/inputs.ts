/** Inputs of one path; a power of two, few enough to stay in the processor's cache. */
export const INPUT_COUNT = 512;

/** `INPUT_COUNT` values, computed so that the engine knows none of them. */
export function inputsOf<T>(make: (index: number) => T): T[] {
  return Array.from({ length: INPUT_COUNT }, (_, index) => make(index));
}

/** Walks through a list without an obvious pattern. */
export function varied<T>(list: readonly T[]): (index: number) => T {
  return (index) => list[(index * 7 + (index % 3)) % list.length] as T;
}

/** The text as a string object of its own, flat and not yet known to the engine: as it comes from a socket. */
export function fresh(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}
