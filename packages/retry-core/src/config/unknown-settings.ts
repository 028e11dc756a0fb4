import { isNear, nearest } from '../nearest.js';
import { show } from '../velo-error.js';
import { HANDLING_PROPERTIES, HANDLING_VARIABLES } from './handling-settings.js';
import {
  type Fault,
  OVERRIDES,
  PROPERTIES,
  type RetryOverrides,
  type TextMap,
  VARIABLES,
} from './settings.js';

/** What begins like this is meant for velo. Other names that stand beside velo's are other programs'. */
const OWN_PROPERTY = /^topic\.(retry|wait|handler)\./;
const OWN_VARIABLE = /^VELOSTREAM_(RETRY|DEFAULT|HANDLER)_/;

/** What is meant for velo, by its beginning or by a slip of the pen, and is read by nobody. */
export function unknownSettings(overrides: RetryOverrides, properties: TextMap, env: TextMap): Fault[] {
  return [
    ...unknownAmong(overrides, OVERRIDES, /^/, 'option'),
    ...unknownAmong(properties, [...PROPERTIES, ...HANDLING_PROPERTIES], OWN_PROPERTY, 'property'),
    ...unknownAmong(env, [...VARIABLES, ...HANDLING_VARIABLES], OWN_VARIABLE, 'variable'),
  ];
}

function unknownAmong(given: object, known: readonly string[], own: RegExp, kind: string): Fault[] {
  return Object.keys(given)
    .filter((name) => (given as TextMap)[name] !== undefined && !known.includes(name))
    .filter((name) => own.test(name) || known.some((each) => isNear(name, each)))
    .map((name) => ({
      text: `there is no ${kind} ${show(name)}: did you mean ${show(nearest(name, known))}? Known are ${known.join(', ')}`,
      instead: 'it changes nothing',
    }));
}
