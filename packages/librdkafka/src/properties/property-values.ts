import { refusedConfig } from './refused-config.js';

/** How librdkafka reads a property's value. */
type Kind = 'integer' | 'decimal' | 'text';

/** Whether librdkafka takes a value for a property: it says so to whoever makes a client of it. */
export type Takes = (name: string, value: string) => boolean;

const PLAIN_INTEGER = /^-?(0|[1-9]\d*)$/;
const PLAIN_DECIMAL = /^-?(0|[1-9]\d*)(\.\d+)?$/;
/** What C's `strtol` and `strtod` take for the beginning of a number. */
const NUMBER_LIKE = /^\s*[+-]?(\.?\d|nan|inf)/i;
/** librdkafka's integers have 32 bits; larger ones wrap around. */
const MAX_INTEGER = 2 ** 31 - 1;

/**
 * Refuses what librdkafka and its clients would take for something else without a word: of `'10s'` librdkafka reads the
 * 10, of `'0x10'` 16, of 1.5 the 1, of 4294967300 the lower 32 bits; a function, an object or null becomes its text.
 *
 * @throws {VeloError} `VELO_INVALID_OPTION` that names the first such property
 */
export function checkValues(takes: Takes, properties: object): void {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== undefined && typeof value !== 'boolean') checkValue(takes, name, value);
  }
}

function checkValue(takes: Takes, name: string, value: unknown): void {
  if (typeof value === 'function')
    throw refusedConfig(
      `'${name}' is a function. velo listens for librdkafka itself: use its events and options`,
    );
  if (typeof value !== 'string' && typeof value !== 'number')
    throw refusedConfig(
      `'${name}' is ${value === null ? 'null' : `of type ${typeof value}`}, not a text, a number or a boolean`,
    );
  const text = String(value);
  if (PLAIN_INTEGER.test(text) && Math.abs(Number(text)) <= MAX_INTEGER) return;
  if (typeof value === 'string' && !NUMBER_LIKE.test(text)) return;
  const kind = kindOf(takes, name);
  if (kind === 'integer') {
    const unit = name.endsWith('.ms') ? ' of milliseconds' : '';
    throw refusedConfig(
      `'${name}' is ${shown(value)}, not a whole number${unit} in plain digits, below 2^31`,
    );
  }
  if (kind === 'decimal' && !PLAIN_DECIMAL.test(text))
    throw refusedConfig(`'${name}' is ${shown(value)}, not a number in plain digits`);
}

/**
 * Only librdkafka knows a property's kind, and it can only be asked whether it takes a value: of a number it reads as
 * much as it can.
 */
function kindOf(takes: Takes, name: string): Kind {
  if (takes(name, 'velo')) return 'text';
  if (takes(name, '.5')) return 'decimal';
  return takes(name, '1velo') ? 'integer' : 'text';
}

function shown(value: string | number): string {
  return typeof value === 'string' ? `'${value}'` : String(value);
}
