import type { DeadLetterFilter } from '@velo/kafkajs';
import { nearest, show } from '@velo/retry-core';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';

/** What `--where` may ask for. */
const NAMES = [
  'reason',
  'category',
  'fingerprint',
  'key',
  'key-hex',
  'header',
  'source',
  'since',
  'until',
  'at',
] as const;

type Name = (typeof NAMES)[number];

/** For the help of the option. */
export const WHERE_NAMES = NAMES.join(', ');

/**
 * Reads `--where name=value`, all of which must hold. The values are checked by the engine.
 *
 * @throws {CliError} for an unknown name, or one that is asked twice
 */
export function filterOf(conditions: readonly string[]): DeadLetterFilter {
  const found = new Map<Name, string[]>();
  for (const condition of conditions) {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(condition) ?? [];
    if (!isName(name)) throw unknown(condition, name);
    found.set(name, [...(found.get(name) ?? []), value]);
  }
  for (const [name, values] of found)
    if (values.length > 1 && name !== 'at')
      throw new CliError(
        EXIT.usage,
        `--where ${name} is given ${values.length} times, and all conditions must hold at once. Nothing was begun. Give it once.`,
      );
  const {
    key,
    'key-hex': keyHex,
    at,
    ...rest
  } = Object.fromEntries(found) as Partial<Record<Name, string[]>>;
  const plain = Object.fromEntries(Object.entries(rest).map(([name, [value]]) => [name, value]));
  return {
    ...plain,
    ...(key !== undefined && { key: key[0] }),
    ...(keyHex !== undefined && { key: bytesOf(keyHex[0] as string) }),
    ...(at !== undefined && { at }),
  };
}

function isName(name: string): name is Name {
  return (NAMES as readonly string[]).includes(name);
}

function unknown(condition: string, name: string): CliError {
  return new CliError(
    EXIT.usage,
    `--where ${show(condition)} is no condition. Nothing was begun. Did you mean ${nearest(name === '' ? condition : name, NAMES)}=…? Known are ${NAMES.join(', ')}.`,
  );
}

function bytesOf(hex: string): Buffer {
  if (/^(?:[\da-f]{2})*$/i.test(hex)) return Buffer.from(hex, 'hex');
  throw new CliError(
    EXIT.usage,
    `--where key-hex=${show(hex)} is no row of bytes. Nothing was begun. Write two hexadecimal digits for each.`,
  );
}
