import { isNear, nearest } from './nearest.js';
import { show, VeloError } from './velo-error.js';

/** The names that an object of options may have: `true`, or the names of the object that stands there. */
export interface OptionNames {
  readonly [name: string]: true | OptionNames;
}

/**
 * Refuses names that nobody reads, in nested objects too: after a slip of the pen the default would hold, without a word.
 * What is `undefined` says nothing, and is passed over. What is no object where names are known is refused as well: nobody would read it.
 *
 * @param whose options these are, such as `consumer()`
 * @throws {VeloError} `VELO_INVALID_OPTION`, naming the option and the nearest that there is
 */
export function checkNames(given: object | undefined, known: OptionNames, whose: string): void {
  if (given !== undefined && given !== null) check(given, known, { all: known, whose, path: '' });
}

interface Place {
  /** The names of the outermost object. */
  readonly all: OptionNames;
  readonly whose: string;
  /** Of the object within that one, with a dot at its end. */
  readonly path: string;
}

function check(given: unknown, known: OptionNames, place: Place): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw noObject(given, known, place);
  for (const name of Object.keys(given)) {
    const value: unknown = (given as Record<string, unknown>)[name];
    if (value === undefined) continue;
    const below = Object.hasOwn(known, name) ? known[name] : undefined;
    if (below === undefined) refuse(name, known, place);
    else if (below !== true) check(value, below, { ...place, path: `${place.path}${name}.` });
  }
}

function noObject(given: unknown, known: OptionNames, { whose, path }: Place): VeloError {
  const what = path === '' ? whose : `${path.slice(0, -1)} of ${whose}`;
  return new VeloError(
    'VELO_INVALID_OPTION',
    `${what} takes an object, of ${Object.keys(known).join(', ')}, but was given ${show(given)}. Nothing was begun.`,
  );
}

function refuse(name: string, known: OptionNames, { all, whose, path }: Place): never {
  const siblings = Object.keys(known);
  const elsewhere = siblings.some((each) => isNear(name, each)) ? undefined : placeOf(name, all);
  const meant = elsewhere ?? `${path}${nearest(name, siblings)}`;
  throw unknownName(`${whose} has no option`, `${path}${name}`, meant, siblings);
}

/** Where a name stands, if it is known in another object: whoever writes `tiers` for `retry.tiers` is told so. */
function placeOf(name: string, known: OptionNames): string | undefined {
  for (const [each, below] of Object.entries(known)) {
    if (each.toLowerCase() === name.toLowerCase()) return each;
    const place = below === true ? undefined : placeOf(name, below);
    if (place !== undefined) return `${each}.${place}`;
  }
  return undefined;
}

/**
 * The error for a name that nobody reads, of an option or of an event.
 *
 * @param what such as `consumer() has no option`
 */
export function unknownName(
  what: string,
  name: string,
  meant: string | undefined,
  known: readonly string[],
): VeloError {
  return new VeloError(
    'VELO_INVALID_OPTION',
    `${what} ${show(name)}. It would change nothing, so nothing was begun. Did you mean ${show(meant)}? Known are ${known.join(', ')}.`,
  );
}
