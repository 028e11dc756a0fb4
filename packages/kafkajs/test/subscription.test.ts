import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '@velo/engine';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { describe, expect, it } from 'vitest';

const { AssignerProtocol } = kafkajs;
const P0 = { topic: 'a', partition: 0 };
const P1 = { topic: 'a', partition: 1 };
const Q0 = { topic: 'b', partition: 0 };

describe('a subscription', () => {
  const written = writeSubscription({
    topics: ['b', 'a-1', 'a'],
    families: [['a', 'a-1'], ['b']],
    owned: [P0, Q0, P1, { topic: 'left', partition: 0 }],
  });

  it('is read as it was written, without what is subscribed no longer', () => {
    expect(readSubscription(written)).toEqual({
      topics: ['b', 'a-1', 'a'],
      families: [
        ['b', 'b'],
        ['a', 'a-1'],
        ['a', 'a'],
      ],
      owned: [Q0, P0, P1],
    });
  });

  it('is one for kafkajs, too', () => {
    expect(AssignerProtocol.MemberMetadata.decode(written)?.topics).toEqual(['b', 'a-1', 'a']);
  });

  it('of a bare kafkajs names its topics', () => {
    const bare = AssignerProtocol.MemberMetadata.encode({
      version: 0,
      topics: ['a', 'b'],
      userData: Buffer.alloc(0),
    });
    expect(readSubscription(bare)).toEqual({ topics: ['a', 'b'], families: [], owned: [] });
  });

  it.each([
    'null',
    '[]',
    '{}',
    '{"families":1,"owned":"x"}',
    '{"families":[9,null],"owned":[[0.5,"1"],{}]}',
    '{',
  ])('with %s in place of velo’s own part names its topics', (text) => {
    const bytes = AssignerProtocol.MemberMetadata.encode({
      version: 0,
      topics: ['a', 'b'],
      userData: Buffer.from(text),
    });
    const { topics, owned } = readSubscription(bytes);
    expect({ topics, owned }).toEqual({ topics: ['a', 'b'], owned: [] });
  });
});

describe('an assignment', () => {
  it('is read as it was written, by kafkajs too', () => {
    const written = writeAssignment([P0, Q0, P1]);
    expect(readAssignment(written)).toEqual([P0, P1, Q0]);
    expect(AssignerProtocol.MemberAssignment.decode(written)?.assignment).toEqual({ a: [0, 1], b: [0] });
  });

  it('may hold nothing', () => {
    expect(readAssignment(writeAssignment([]))).toEqual([]);
    expect(AssignerProtocol.MemberAssignment.decode(writeAssignment([]))?.assignment).toEqual({});
    expect(readAssignment(Buffer.alloc(0))).toEqual([]);
  });
});

it('no bytes make a reader throw or loop', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      readSubscription(Buffer.from(bytes));
      readAssignment(Buffer.from(bytes));
    }),
    { numRuns: 2_000 },
  );
  const huge = Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff]);
  expect(readSubscription(huge).topics).toEqual([]);
  expect(readAssignment(huge)).toEqual([]);
});
