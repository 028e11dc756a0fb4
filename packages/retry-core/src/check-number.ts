import { invalidOption } from './velo-error.js';

/**
 * The value of a numeric option within its limits, both included.
 *
 * @param name of the option, for the error
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming the value and the limits; NaN fails, whatever the limits
 */
export function checkNumber(value: number, name: string, min: number, max: number, whole = false): number {
  if (
    typeof value === 'number' &&
    value >= min &&
    value <= max &&
    (!whole || Number.isInteger(value) || value === Infinity)
  ) {
    return value;
  }
  const range =
    max === Number.MAX_VALUE || max === Infinity ? `at least ${min}` : `between ${min} and ${max}`;
  throw invalidOption(name, value, `a ${whole ? 'whole ' : ''}number, ${range}`);
}
