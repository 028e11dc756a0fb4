import { type ErrorCategory, errorCategories } from './category.js';
import { codesOfTable, kindAt } from './kafka-error-code.js';

/** The lowest and the highest code of the table, with room to spare: a code outside is `Unknown`. */
const LOWEST = -256;
const HIGHEST = 255;

let categories: ErrorCategory[] | undefined;

/**
 * The category of a protocol code or of one of librdkafka's own codes; `Unknown` for a number that is not in the table.
 * A look-up in an array, under 2 ns (apps/bench).
 */
export function categorizeErrorCode(code: number): ErrorCategory {
  if (!(code >= LOWEST && code <= HIGHEST)) return 'Unknown';
  // A fraction finds nothing.
  return (categories ?? unpackCategories())[code - LOWEST] ?? 'Unknown';
}

function unpackCategories(): ErrorCategory[] {
  const unpacked = new Array<ErrorCategory>(HIGHEST - LOWEST + 1).fill('Unknown');
  codesOfTable().forEach((code, index) => {
    unpacked[code - LOWEST] = errorCategories[kindAt(index)[0]] as ErrorCategory;
  });
  categories = unpacked;
  return unpacked;
}
