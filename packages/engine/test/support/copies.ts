import type { OutgoingHeader } from '../../src/binding/binding.js';
import { lazyHeaders } from '../../src/binding/lazy-headers.js';
import type { KafkaHeader, KafkaRecord } from '../../src/binding/record.js';
import { failureOf } from '../../src/failures/failure.js';
import type { HeaderProfile } from '../../src/headers/profile.js';
import { headerProfiles } from '../../src/headers/profiles.js';
import { type Copy, copyHeaders, initialState, type RetryState } from '../../src/headers/retry-state.js';

export function recordWith(headers: readonly KafkaHeader[] = [], topic = 'orders'): KafkaRecord {
  return {
    topic,
    partition: 1,
    offset: '77',
    timestamp: 99,
    key: null,
    value: null,
    headers: lazyHeaders(() => headers, 0),
  };
}

/** Headers as the brokers give them back. */
export const stored = (headers: readonly OutgoingHeader[]): KafkaHeader[] =>
  headers.map(([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value]);

export interface CopyInTest extends Partial<Omit<Copy, 'profile' | 'tierHeaders' | 'state'>> {
  readonly state?: Partial<RetryState>;
  readonly profile?: keyof typeof headerProfiles | HeaderProfile;
  readonly tierHeaders?: keyof typeof headerProfiles;
  readonly error?: unknown;
}

/** The headers of a copy, as they are stored. */
export function copyOf(record: KafkaRecord, given: CopyInTest = {}): KafkaHeader[] {
  const { state, profile = 'velo', tierHeaders = 'velo', error = new Error('x'), ...rest } = given;
  return stored(
    copyHeaders(record, {
      state: { ...initialState(record), ...state },
      groupId: 'billing',
      failure: failureOf(error, record, 'handler'),
      profile: typeof profile === 'string' ? headerProfiles[profile] : profile,
      tierHeaders: headerProfiles[tierHeaders],
      stackTraces: false,
      at: 0,
      ...rest,
    }),
  );
}

/** What a record with these headers occupies of a broker's limit, header by header as record format v2 writes it. */
export function bytesOf(headers: readonly KafkaHeader[]): number {
  const varint = (n: number) => (n < 64 ? 1 : n < 8_192 ? 2 : 3);
  const sized = (n: number) => varint(n) + n;
  return headers.reduce(
    (sum, [name, value]) => sum + sized(Buffer.byteLength(name)) + sized(value?.length ?? 0),
    0,
  );
}
