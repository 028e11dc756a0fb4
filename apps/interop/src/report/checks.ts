import { inspect, isDeepStrictEqual } from 'node:util';

/** One thing that was looked at. */
export interface Check {
  /** Name and version. */
  readonly system: string;
  readonly what: string;
  /** How many records, or attempts, were compared. */
  readonly compared: number;
  /** What is not as it should be; none: all is. */
  readonly faults: readonly string[];
}

/** Something that was seen, or should have been: those with the same id belong together. */
interface Item {
  readonly id: string;
}

/** Compares what was seen with what should have been, in whatever order: by all that is expected of each. */
export function compare<T extends Item>(
  system: string,
  what: string,
  seen: readonly (Item & { readonly [K in keyof T]?: unknown })[],
  expected: readonly T[],
): Check {
  const left = [...seen];
  const faults: string[] = [];
  for (const wanted of expected) {
    const at = left.findIndex(({ id }) => id === wanted.id);
    if (at === -1) {
      faults.push(`${wanted.id}: missing`);
      continue;
    }
    const [found] = left.splice(at, 1);
    faults.push(...differences(found as Item, wanted));
  }
  for (const { id } of left) faults.push(`${id}: once too often`);
  return { system, what, compared: expected.length, faults };
}

function differences(found: Item, wanted: Item): string[] {
  const is: Readonly<Record<string, unknown>> = { ...found };
  return Object.entries(wanted)
    .filter(([key, value]) => !isDeepStrictEqual(is[key], value))
    .map(([key, value]) => `${wanted.id}: ${key} is ${inspect(is[key])}, not ${inspect(value)}`);
}
