import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/failures/failure.js';
import { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from '../../src/headers/bounds.js';
import type { DeadLetterHeaders } from '../../src/headers/profile.js';
import { followerHeaders } from '../../src/headers/retry-state.js';
import { springRetryTopicHeaders } from '../../src/headers/spring.js';
import { MAX_OBSERVER_HEADERS } from '../../src/observing/write-watch.js';
import { bytesOf, copyOf, recordWith, stored } from '../support/copies.js';

const state = {
  topic: 'orders',
  partition: 258,
  offset: '4294967298',
  timestamp: 1_700_000_000_000,
  attempts: 3,
};
const error = new TypeError('no such field', { cause: new SyntaxError('inner') });
const hex = (bytes: string) => Buffer.from(bytes, 'hex');
const asText = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([name, value]) => [name, Buffer.from(value)]);

describe('what is written, byte for byte', () => {
  it('velo, dead letter', () => {
    expect(copyOf(recordWith(), { state, error, reason: 'permanent' })).toEqual(
      asText([
        ['velo-version', '1'],
        ['velo-group', 'billing'],
        ['velo-attempt', '3'],
        ['velo-original-topic', 'orders'],
        ['velo-original-partition', '258'],
        ['velo-original-offset', '4294967298'],
        ['velo-original-timestamp', '1700000000000'],
        ['velo-error-class', 'TypeError'],
        ['velo-error-category', 'Unknown'],
        ['velo-error-message', 'no such field: inner'],
        ['velo-reason', 'permanent'],
      ]),
    );
  });

  it('velo, tier', () => {
    const headers = copyOf(recordWith(), { state, error, due: 1_700_000_005_000 });
    expect(headers).toContainEqual(['velo-due', Buffer.from('1700000005000')]);
    expect(headers.map(([name]) => name)).not.toContain('velo-reason');
  });

  it('spring, dead letter: as DeadLetterPublishingRecoverer', () => {
    expect(copyOf(recordWith(), { state, error, reason: 'exhausted', profile: 'spring' })).toEqual([
      ['kafka_dlt-exception-fqcn', Buffer.from('TypeError')],
      ['kafka_dlt-exception-cause-fqcn', Buffer.from('SyntaxError')],
      ['kafka_dlt-exception-message', Buffer.from('no such field: inner')],
      ['kafka_dlt-original-topic', Buffer.from('orders')],
      ['kafka_dlt-original-partition', hex('00000102')],
      ['kafka_dlt-original-offset', hex('0000000100000002')],
      ['kafka_dlt-original-timestamp', hex('0000018bcfe56800')],
      ['kafka_dlt-original-timestamp-type', Buffer.from('CreateTime')],
      ['kafka_dlt-original-consumer-group', Buffer.from('billing')],
      ['velo-attempt', Buffer.from('3')],
      ['velo-reason', Buffer.from('exhausted')],
    ]);
  });

  it('spring, dead letter under Spring’s names of topics: as the DLT of a retry topic', () => {
    const given = { state, error, reason: 'exhausted', at: 1_700_000_005_000.5 } as const;
    expect(copyOf(recordWith(), { ...given, profile: springRetryTopicHeaders })).toEqual([
      ['kafka_exception-fqcn', Buffer.from('TypeError')],
      ['kafka_exception-cause-fqcn', Buffer.from('SyntaxError')],
      ['kafka_exception-message', Buffer.from('no such field: inner')],
      ['kafka_original-topic', Buffer.from('orders')],
      ['kafka_original-partition', hex('00000102')],
      ['kafka_original-offset', hex('0000000100000002')],
      ['kafka_original-timestamp', hex('0000018bcfe56800')],
      ['kafka_original-timestamp-type', Buffer.from('CreateTime')],
      ['kafka_dlt-original-consumer-group', Buffer.from('billing')],
      ['retry_topic-original-timestamp', hex('018bcfe56800')],
      // Attempts so far and one more, and when it failed.
      ['retry_topic-attempts', hex('00000004')],
      ['retry_topic-backoff-timestamp', hex('018bcfe57b88')],
      ['velo-attempt', Buffer.from('3')],
      ['velo-reason', Buffer.from('exhausted')],
    ]);
  });

  it('spring, retry topic: as DeadLetterPublishingRecovererFactory', () => {
    const headers = copyOf(recordWith(), { state, error, due: 1_700_000_005_000, profile: 'spring' });
    expect(headers).toEqual([
      ['kafka_exception-fqcn', Buffer.from('TypeError')],
      ['kafka_exception-cause-fqcn', Buffer.from('SyntaxError')],
      ['kafka_exception-message', Buffer.from('no such field: inner')],
      ['kafka_original-topic', Buffer.from('orders')],
      ['kafka_original-partition', hex('00000102')],
      ['kafka_original-offset', hex('0000000100000002')],
      ['kafka_original-timestamp', hex('0000018bcfe56800')],
      ['kafka_original-timestamp-type', Buffer.from('CreateTime')],
      ['kafka_dlt-original-consumer-group', Buffer.from('billing')],
      ['retry_topic-original-timestamp', hex('018bcfe56800')],
      // The attempt to come.
      ['retry_topic-attempts', hex('00000004')],
      ['retry_topic-backoff-timestamp', hex('018bcfe57b88')],
    ]);
  });

  it.each([
    { due: 0, bytes: '00' },
    { due: 127, bytes: '7f' },
    { due: 128, bytes: '0080' },
    { due: 255, bytes: '00ff' },
    { due: 256, bytes: '0100' },
    { due: 32_768, bytes: '008000' },
    { due: 2 ** 31, bytes: '0080000000' },
    { due: Number.MAX_SAFE_INTEGER, bytes: '1fffffffffffff' },
  ])('spring: a time of $due is $bytes, as BigInteger.toByteArray', ({ due, bytes }) => {
    const headers = new Map(copyOf(recordWith(), { due, profile: 'spring' }));
    expect(headers.get('retry_topic-backoff-timestamp')?.toString('hex')).toBe(bytes);
  });

  it('spring: a record without a timestamp, and more attempts than Spring counts', () => {
    const headers = new Map(
      copyOf(recordWith(), { state: { timestamp: -1, attempts: 99_999 }, due: 5, profile: 'spring' }),
    );
    expect(headers.get('kafka_original-timestamp')).toEqual(hex('ffffffffffffffff'));
    expect(headers.get('kafka_original-timestamp-type')).toEqual(Buffer.from('NoTimestampType'));
    expect(headers.get('retry_topic-original-timestamp')).toEqual(hex('ff'));
    expect(headers.get('retry_topic-attempts')).toEqual(hex('00007fff'));
  });

  it('connect: as DeadLetterQueueReporter', () => {
    expect(copyOf(recordWith(), { state, error, reason: 'exhausted', profile: 'connect' })).toEqual(
      asText([
        ['__connect.errors.topic', 'orders'],
        ['__connect.errors.partition', '258'],
        ['__connect.errors.offset', '4294967298'],
        ['__connect.errors.connector.name', 'billing'],
        ['__connect.errors.task.id', '0'],
        ['__connect.errors.stage', 'TASK_PUT'],
        ['__connect.errors.class.name', 'velo.handler'],
        ['__connect.errors.exception.class.name', 'TypeError'],
        ['__connect.errors.exception.message', 'no such field: inner'],
        ['velo-attempt', '3'],
        ['velo-reason', 'exhausted'],
      ]),
    );
    const failure = failureOf(error, recordWith(), 'decode');
    const decoding = copyOf(recordWith(), { failure, reason: 'permanent', profile: 'connect' });
    expect(decoding).toContainEqual(['__connect.errors.stage', Buffer.from('VALUE_CONVERTER')]);
  });

  it('kip1191: as ShareGroupDLQRecordHelper', () => {
    expect(copyOf(recordWith(), { state, error, reason: 'refused', profile: 'kip1191' })).toEqual(
      asText([
        ['__dlq.errors.topic', 'orders'],
        ['__dlq.errors.partition', '258'],
        ['__dlq.errors.offset', '4294967298'],
        ['__dlq.errors.group', 'billing'],
        ['__dlq.errors.delivery.count', '3'],
        ['__dlq.errors.message', 'no such field: inner'],
        ['velo-attempt', '3'],
        ['velo-reason', 'refused'],
      ]),
    );
  });

  it.each([
    ['velo', 'velo-error-stack'],
    ['spring', 'kafka_dlt-exception-stacktrace'],
    ['connect', '__connect.errors.exception.stacktrace'],
  ] as const)(
    '%s: the stack only where it is asked for, with its causes, without secrets',
    (profile, name) => {
      const thrown = new Error('password=hunter2', { cause: new Error('the cause') });
      const without = new Map(copyOf(recordWith(), { error: thrown, reason: 'exhausted', profile }));
      expect(without.has(name)).toBe(false);
      const stack = new Map(
        copyOf(recordWith(), { error: thrown, reason: 'exhausted', profile, stackTraces: true }),
      )
        .get(name)
        ?.toString();
      expect(stack).toMatch(/^Error: password=\*\*\*\n {4}at .*\nCaused by: Error: the cause\n {4}at /s);
      expect(stack).not.toContain('hunter2');
    },
  );
});

const profiles: DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4_000 }),
  fc.constantFrom('€'.repeat(9_000), '\ud83d'.repeat(5_000), '😀'.repeat(5_000), '\0\n\u202e'.repeat(3_000)),
);
const circle = () => {
  const error = new Error('circle');
  error.cause = error;
  return error;
};
const anyError = fc.oneof(
  fc
    .tuple(anyText, anyText, anyText)
    .map(([name, message, stack]) =>
      Object.assign(new Error(message, { cause: { name } }), { name, stack, code: 7 }),
    ),
  fc.anything(),
  fc.constant(circle()),
  fc.constant(
    new Proxy(
      {},
      {
        get() {
          throw new Error('hostile');
        },
      },
    ),
  ),
);

describe('how often a record was replayed', () => {
  const from = (...values: string[]) =>
    recordWith(values.map((value) => ['velo-replays', Buffer.from(value)] as const));
  const replays = (headers: ReturnType<typeof copyOf>) =>
    headers.filter(([name]) => name === 'velo-replays').map(([, value]) => String(value));
  const letters: (DeadLetterHeaders | typeof springRetryTopicHeaders)[] = [
    'velo',
    'spring',
    'connect',
    'kip1191',
    springRetryTopicHeaders,
  ];

  it.each(letters)('is carried on by dead letters of profile %o', (profile) => {
    const given = { state, error, reason: 'exhausted', profile } as const;
    expect(replays(copyOf(from('2'), given))).toEqual(['2']);
    expect(replays(copyOf(recordWith(), given))).toEqual([]);
  });

  it.each(['velo', 'spring'] as const)('is carried on by copies in tiers of profile %s', (profile) => {
    expect(replays(copyOf(from('2'), { state, error, due: 1, profile, tierHeaders: profile }))).toEqual([
      '2',
    ]);
  });

  it('is carried on by followers', () => {
    expect(replays(stored(followerHeaders(from('2'), { ...state, due: 0 }, 'billing', 0)))).toEqual(['2']);
  });

  it.each(['', '-1', '1e9', 'two', '99999999'])('does not travel where it is broken: %o', (broken) => {
    expect(replays(copyOf(from(broken), { state, error, due: 1 }))).toEqual([]);
    expect(replays(stored(followerHeaders(from(broken), { ...state, due: 0 }, 'billing', 0)))).toEqual([]);
  });

  it('is one header, however many there were', () => {
    expect(replays(copyOf(from('1', '2'), { state, error, due: 1 }))).toHaveLength(1);
  });
});

describe('bounds', () => {
  it.each(profiles)('leave room for what observers add, by %s', (profile) => {
    const long = 'x'.repeat(5_000);
    class Worst extends Error {
      override readonly name = long;
      override readonly cause = Object.assign(new Error(long), { name: long });
    }
    const state = {
      topic: 'x'.repeat(249),
      partition: 0x7fffffff,
      offset: '9223372036854775807',
      attempts: 1e6,
      timestamp: Number.MAX_SAFE_INTEGER,
    };
    const ends = [{ due: Number.MAX_SAFE_INTEGER }, { reason: 'permanent' as const }];
    for (const end of ends) {
      const headers = copyOf(recordWith(), { state, error: new Worst(long), groupId: long, profile, ...end });
      expect(bytesOf(headers) + MAX_OBSERVER_HEADERS).toBeLessThanOrEqual(MAX_COPY_GROWTH);
    }
  });

  it('whatever was thrown, a copy grows by the bound at the most, and its lines are lines', () => {
    const longest = {
      topic: 'x'.repeat(249),
      partition: 0x7fffffff,
      offset: '9223372036854775807',
      attempts: 1e6,
    };
    fc.assert(
      fc.property(
        anyError,
        fc.constantFrom(...profiles),
        fc.boolean(),
        anyText,
        (error, profile, tier, group) => {
          const given = {
            state: { ...longest, timestamp: Number.MAX_SAFE_INTEGER },
            error,
            groupId: `${group}${'g'.repeat(1_000)}`,
            profile,
            ...(tier ? { due: Number.MAX_SAFE_INTEGER } : { reason: 'permanent' as const }),
          };
          const headers = copyOf(recordWith(), given);
          expect(bytesOf(headers)).toBeLessThanOrEqual(MAX_COPY_GROWTH);
          for (const [name, value] of headers) {
            if (/message|class|fqcn/.test(name)) expect(value?.toString()).not.toMatch(/[\n\r\0\u202e]/);
          }
          const withStack = copyOf(recordWith(), { ...given, stackTraces: true });
          expect(bytesOf(withStack)).toBeLessThanOrEqual(MAX_COPY_GROWTH + MAX_STACK_GROWTH);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each(profiles)(
    '%s: thirty hand-offs leave as many headers as one, the last error, the first original',
    (profile) => {
      const own = [['trace', Buffer.from('1')]] as const;
      const tierHeaders: DeadLetterHeaders = profile === 'spring' ? 'spring' : 'velo';
      let headers = copyOf(recordWith(own), { profile: tierHeaders, tierHeaders, due: 1 });
      const { length } = headers;
      for (let i = 1; i <= 30; i++) {
        const state = { topic: 'orders', partition: 1, offset: '77', timestamp: 99, attempts: i };
        const error = new Error(`error ${i}`);
        headers = copyOf(recordWith(headers), { state, error, profile: tierHeaders, tierHeaders, due: i });
      }
      expect(headers).toHaveLength(length);
      const last = { profile, tierHeaders, reason: 'exhausted', error: new Error('the last') } as const;
      headers = copyOf(recordWith(headers), { ...last, state: { topic: 'orders', offset: '5' } });
      expect(new Set(headers.map(([name]) => name)).size).toBe(headers.length);
      expect(headers.filter(([name]) => name.startsWith('retry_topic-'))).toEqual([]);
      expect(headers[0]).toEqual(own[0]);
      expect(String(headers.map(([, value]) => value))).toContain('the last');
      expect(String(headers.map(([, value]) => value))).not.toContain('error 30');
    },
  );

  it('headers of the user stay as they were, in their order: doubles, nulls and another profile’s, too', () => {
    const own = [
      ['trace', Buffer.from([0, 255])],
      ['a', null],
      ['trace', Buffer.from('')],
      ['kafka_dlt-original-topic', Buffer.from('elsewhere')],
      ['velocity', Buffer.from('9')],
    ] as const;
    const headers = copyOf(recordWith([...own, ['velo-attempt', Buffer.from('99')]]), {
      state: { attempts: 2 },
      reason: 'exhausted',
    });
    expect(headers.slice(0, own.length)).toEqual(own);
    expect(headers.filter(([name]) => name === 'velo-attempt')).toEqual([['velo-attempt', Buffer.from('2')]]);
  });
});
