import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeadLetterHeaders } from '../../src/headers/profile.js';
import { headerProfiles } from '../../src/headers/profiles.js';
import { readDeadLetter } from '../../src/headers/read-dead-letter.js';
import { copyOf, recordWith } from '../support/copies.js';
import { kafkaError } from '../support/memory-cluster.js';

const names: DeadLetterHeaders[] = ['velo', 'spring', 'connect', 'kip1191'];
const topic = fc.stringMatching(/^[a-z][a-zA-Z0-9._-]{0,60}$/);
const states = fc.record({
  topic,
  partition: fc.nat(),
  offset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map(String),
  timestamp: fc.integer({ min: -1, max: Number.MAX_SAFE_INTEGER }),
  attempts: fc.integer({ min: 1, max: 0x7ffe }),
});

describe.each(names)('%s', (profile) => {
  const { name, owns, errorHeaders, read } = headerProfiles[profile];
  const writesOnly = (headers: readonly (readonly [string, Buffer | null])[]) =>
    recordWith(headers.filter(([header]) => !/^velo-(attempt|reason)$/.test(header) || profile === 'velo'));

  it('has its own name', () => {
    expect(name).toBe(profile);
  });

  it('a dead letter is read as it was written', () => {
    fc.assert(
      fc.property(states, fc.string({ maxLength: 100 }), (state, groupId) => {
        const letter = readDeadLetter(
          recordWith(copyOf(recordWith(), { state, groupId, reason: 'exhausted', profile })),
        );
        const tellsTime = profile === 'velo' || profile === 'spring';
        expect(letter).toMatchObject({
          ...state,
          profile,
          group: groupId,
          reason: 'exhausted',
          timestamp: tellsTime ? state.timestamp : undefined,
        });
      }),
    );
  });

  it('what it tells of the error is read where it was written', () => {
    const error = Object.assign(new TypeError('message', { cause: new RangeError('y') }), { stack: 'stack' });
    const record = recordWith(
      copyOf(recordWith(), { error, reason: 'permanent', profile, stackTraces: true }),
    );
    const letter = readDeadLetter(record);
    const all = {
      name: 'TypeError',
      cause: 'RangeError',
      message: 'message: y',
      stack: 'stack\nCaused by: ',
    };
    const names = errorHeaders(record.headers);
    for (const part of ['name', 'cause', 'message'] as const)
      expect(letter?.error[part]).toBe(names[part] === undefined ? undefined : all[part]);
    if (names.stack === undefined) expect(letter?.error.stack).toBeUndefined();
    else expect(letter?.error.stack).toMatch(/^stack\nCaused by: RangeError: y\n/);
    expect(Object.keys(names).sort()).toEqual(
      {
        velo: ['message', 'name', 'stack'],
        spring: ['cause', 'message', 'name', 'stack'],
        connect: ['message', 'name', 'stack'],
        kip1191: ['message'],
      }[profile],
    );
  });

  it('owns what it writes, and nothing that only resembles it', () => {
    for (const due of [undefined, 5]) {
      const copy = copyOf(recordWith(), { profile, due, stackTraces: true });
      for (const [header] of copy) {
        expect([header, owns(header)]).toEqual([header, true]);
        expect(owns(`x-${header}`)).toBe(false);
      }
    }
    for (const header of ['', 'velo', 'trace', 'kafka_', 'kafka_correlationId', '__connect', '__dlq'])
      expect([header, owns(header)]).toEqual([header, false]);
  });

  it('a letter that becomes one again tells of its last end only', () => {
    const first = copyOf(recordWith(), { reason: 'exhausted', profile, error: new Error('first') });
    const second = copyOf(recordWith(first), { reason: 'exhausted', profile, error: new Error('second') });
    expect(second).toHaveLength(first.length);
    expect(String(second.map(([, value]) => value))).not.toContain('first');
  });

  it('tells the attempts by itself, where it has a name for them', () => {
    const copy = copyOf(recordWith(), { state: { attempts: 7 }, due: 5, reason: 'exhausted', profile });
    const told = { velo: 7, spring: 7, connect: undefined, kip1191: 7 }[profile];
    expect(read(writesOnly(copy).headers).attempts).toBe(told);
  });
});

it('spring: a record of the beginning of 1970 has a timestamp', () => {
  const headers = new Map(copyOf(recordWith(), { state: { timestamp: 0 }, profile: 'spring' }));
  expect(String(headers.get('kafka_dlt-original-timestamp-type'))).toBe('CreateTime');
});

it('what brokers write as their reason is a reason in their own letters only', () => {
  const error = new Error('Offset rejected by client.');
  const reasonOf = (profile: DeadLetterHeaders) =>
    readDeadLetter(recordWith(copyOf(recordWith(), { error, profile })))?.reason;
  expect(names.map(reasonOf)).toEqual([undefined, undefined, undefined, 'permanent']);
});

it('velo: the code of an error that comes from a Kafka client, and of no other', () => {
  const codeOf = (error: unknown) => {
    const value = new Map(copyOf(recordWith(), { error })).get('velo-error-code');
    return value === undefined ? undefined : String(value);
  };
  expect(codeOf(kafkaError(6))).toBe('6');
  expect(codeOf(Object.assign(new Error('x'), { code: 6 }))).toBeUndefined();
});
