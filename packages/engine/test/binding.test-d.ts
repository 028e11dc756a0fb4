import { expectTypeOf, test } from 'vitest';
import type {
  ClientBinding,
  ClientCapabilities,
  GroupMember,
  MemberSink,
  MemberTransactions,
} from '../src/index.js';

/** What a wrapper may leave out and still compile. */
type Forgettable<T> = { [K in keyof T]-?: object extends Pick<T, K> ? K : never }[keyof T];

test('a wrapper that forgets something does not compile', () => {
  expectTypeOf<Forgettable<{ kept: 1; forgotten?: 2 }>>().toEqualTypeOf<'forgotten'>();
  expectTypeOf<Forgettable<ClientBinding>>().toBeNever();
  expectTypeOf<Forgettable<ClientCapabilities>>().toBeNever();
  expectTypeOf<Forgettable<NonNullable<ClientCapabilities['transactions']>>>().toBeNever();
  expectTypeOf<Forgettable<GroupMember>>().toBeNever();
  expectTypeOf<Forgettable<MemberTransactions>>().toBeNever();
  expectTypeOf<Forgettable<MemberSink>>().toBeNever();
});

test('a wrapper may spread a client, but must name each part of a member, which may be a class', () => {
  const [client, member] = [{} as ClientBinding, {} as GroupMember];
  expectTypeOf({ ...client, connect: async () => {} }).toExtend<ClientBinding>();
  const { transactions: _, ...forgotten } = member;
  expectTypeOf(forgotten).not.toExtend<GroupMember>();
});
