import {
  categorizeErrorMessage,
  classifyKafkaError,
  errorCategories,
  explainKafkaError,
  foreignMessage,
  parseDuration,
  resolveRetryOptions,
} from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { Random } from '../../testkit/src/support/random.js';
import type { KafkaHeader } from '../src/binding/record.js';
import { readDeadLetter } from '../src/headers/read-dead-letter.js';
import { isOfAnotherGroup, readRetryState } from '../src/headers/retry-state.js';
import { copyOf, recordWith } from './support/copies.js';

/**
 * Inputs for all that reads what others have written: samples of each form, mutated. A million in CI, which takes some
 * 20 s; fewer elsewhere. `VELO_FUZZ_CASES` and `VELO_FUZZ_SEED` ask for more, or for others; a failure names its seed.
 */
const CASES = Number(process.env.VELO_FUZZ_CASES ?? (process.env.CI ? 1_000_000 : 20_000));
const SEED = Number(process.env.VELO_FUZZ_SEED ?? 1);

/** Of a reader that costs more than a microsecond there are fewer. */
const SHARES = { headers: 0.2, durations: 0.39, messages: 0.37, errors: 0.02, properties: 0.02 };

const TOKENS = [
  ...[
    '',
    '-',
    '.',
    '0',
    '9',
    '9223372036854775808',
    '1e999',
    'NaN',
    'ms',
    's',
    '\0',
    '\ud800',
    '\u2028',
    '\u001b[2J',
  ],
  ...[
    '__proto__',
    'constructor',
    'velo-',
    'kafka_',
    '{"a":',
    '[0,"",null]',
    '%s',
    '<x>',
    'א',
    '\u202e',
    'password=',
  ],
];

/** One to three edits: a token put in, a part taken out, doubled, or moved to the end. */
function mutate(text: string, random: Random): string {
  let mutated = text;
  for (let edits = random.below(3); edits >= 0; edits--) {
    const at = random.below(mutated.length + 1);
    const end = Math.min(mutated.length, at + random.below(6));
    const [before, part, after] = [mutated.slice(0, at), mutated.slice(at, end), mutated.slice(end)];
    mutated = random.pick([
      before + random.pick(TOKENS) + after,
      before + after,
      before + part + part + after,
      before + after + part,
    ]);
  }
  return mutated.slice(0, 4_096);
}

function mutateBytes(value: Buffer | null, random: Random): Buffer | null {
  if (value === null || random.below(8) === 0)
    return random.pick([null, Buffer.alloc(0), Buffer.alloc(9, 255)]);
  if (random.below(2) === 0) return Buffer.from(mutate(value.toString('latin1'), random), 'latin1');
  const bytes = Buffer.from(value);
  if (bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return bytes;
}

const LETTERS: readonly (readonly KafkaHeader[])[] = (
  ['velo', 'spring', 'connect', 'kip1191'] as const
).flatMap((profile) => [
  copyOf(recordWith(), { profile, reason: 'exhausted', stackTraces: true }),
  copyOf(recordWith([['velo-headers', Buffer.from('[[0,"a","AAEC"],[2,"b",null]]')]]), {
    profile,
    due: 1_000,
  }),
]);

function mutateHeaders(random: Random): KafkaHeader[] {
  const headers = [...random.pick(LETTERS)];
  for (let edits = random.below(3); edits >= 0; edits--) {
    const at = random.below(headers.length);
    const [name, value] = headers[at] as KafkaHeader;
    headers[at] = [random.below(4) === 0 ? mutate(name, random) : name, mutateBytes(value, random)];
    if (random.below(4) === 0)
      headers.splice(random.below(headers.length + 1), 0, headers[at] as KafkaHeader);
    if (random.below(8) === 0) headers.splice(random.below(headers.length), 1);
    if (headers.length === 0) headers.push(['velo-headers', Buffer.from('[')]);
  }
  return headers;
}

const READER = { groupId: 'billing', source: 'orders', latest: 5_000, maxAttempts: 12 };
const isDuration = (ms: number) => ms >= 0 && ms <= Number.MAX_SAFE_INTEGER;
const isInteger = (value: number | undefined) => value === undefined || Number.isSafeInteger(value);

/** What each reader must keep to, whatever it is given: throws where it does not. */
const laws: Record<keyof typeof SHARES, (random: Random) => void> = {
  headers(random) {
    const record = recordWith(mutateHeaders(random));
    const { attempts, due, partition } = readRetryState(record, READER);
    assert(attempts >= 0 && attempts <= READER.maxAttempts && isInteger(attempts), 'attempts');
    assert(due <= READER.latest && isInteger(due), 'due');
    assert(isInteger(partition) && partition >= 0, 'partition');
    isOfAnotherGroup(record, 'billing');
    const letter = readDeadLetter(record);
    assert(
      isInteger(letter?.partition) && isInteger(letter?.timestamp) && isInteger(letter?.attempts),
      'numbers',
    );
    assert((letter?.error.message?.length ?? 0) <= 8_192, 'message');
    assert(!/[\p{Cc}\p{Cf}]/u.test(`${letter?.error.message}${letter?.group}`), 'control characters');
  },
  durations(random) {
    const ms = parseDuration(mutate(random.pick(['5s', '1.5h', '100 ms', '10d', '0', '1m']), random));
    assert(ms === undefined || isDuration(ms), 'duration');
  },
  messages(random) {
    const message = mutate(random.pick(MESSAGES), random);
    assert(errorCategories.includes(categorizeErrorMessage(message)), 'category');
  },
  errors(random) {
    const error = Object.assign(new Error(mutate(random.pick(MESSAGES), random)), {
      name: mutate('KafkaJSProtocolError', random),
      code: random.pick([3, -195, 1e9, Number.NaN, '3', mutate('ECONNREFUSED', random)]),
    });
    classifyKafkaError(error);
    const text = explainKafkaError(error, {
      topic: mutate('orders', random),
      groupId: mutate('billing', random),
    });
    assert(text.length <= 8_192 && !/[^\P{Cc}\n]|\p{Cf}/u.test(text), 'explanation');
    assert(foreignMessage(error).length <= 500, 'message');
  },
  properties(random) {
    const name = random.pick([
      'topic.retry.interval',
      'topic.retry.strategy',
      'topic.wait.timeout',
      'topic.retry.multiplier',
    ]);
    const properties = { [name]: mutate(random.pick(['10s', 'exponential', '1.5']), random) };
    const { waitTimeout, warnings } = resolveRetryOptions({ properties, env: {} });
    assert(isDuration(waitTimeout), 'waitTimeout');
    assert(!/[\p{Cc}\p{Cf}]/u.test(warnings.join('')), 'warnings');
  },
};

const MESSAGES = [
  'Unknown topic or partition: orders',
  'Local: Broker transport failure',
  'connect ECONNREFUSED 127.0.0.1:9092',
  'SASL authentication failed: password=hunter2',
];

function assert(holds: boolean, what: string): void {
  if (!holds) throw new Error(`out of bounds: ${what}`);
}

describe.each(Object.entries(SHARES))('readers of %s', (form, share) => {
  it(`keep to their bounds and never throw, ${Math.round(CASES * share)} times`, { timeout: 600_000 }, () => {
    const law = laws[form as keyof typeof SHARES];
    const clean = Object.getOwnPropertyNames(Object.prototype).join();
    for (let i = 0; i < CASES * share; i++) {
      const seed = SEED * 1_000_003 + i;
      try {
        law(new Random(seed));
      } catch (cause) {
        throw new Error(`case ${i} of seed ${SEED} fails`, { cause });
      }
    }
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(clean);
  });
});
