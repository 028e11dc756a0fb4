import { type ErrorCategory, errorCategories } from '../error-category.js';
import { codesOfTable, kindAt } from './kafka-error-code.js';

/** Codes from -256 to 255 have a place; the table's are among them (-200 to 133). */
const PLACES = 512;
const LOWEST = -256;

/** Made at once and without holes: a check for either would cost a look-up a quarter more (apps/bench). */
const categories: readonly ErrorCategory[] = /* @__PURE__ */ unpackCategories();

/**
 * The category of a protocol code or of one of librdkafka's own codes; `Unknown` for a number that is not in the table.
 * A look-up in an array, under 2 ns (apps/bench).
 */
export function categorizeErrorCode(code: number): ErrorCategory {
  const place = code - LOWEST;
  // Place 0 is no code's. What is outside, a fraction or NaN is not equal to its low bits.
  return categories[(place & (PLACES - 1)) === place ? place : 0] as ErrorCategory;
}

function unpackCategories(): ErrorCategory[] {
  const kinds = new Map(codesOfTable().map((code, index) => [code - LOWEST, kindAt(index)[0]]));
  return Array.from({ length: PLACES }, (_, place) => place).map(
    (place) => errorCategories[kinds.get(place) ?? -1] ?? 'Unknown',
  );
}
