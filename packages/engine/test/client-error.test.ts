import { kafkaErrorCodes, VeloError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import {
  isFinalForMember,
  isMissingTopic,
  isOutage,
  isTooLarge,
  lacksRights,
  passes,
  refusesConfig,
} from '../src/failures/client-error.js';
import { kafkaError } from './support/memory-cluster.js';

const codesWhere = (asked: (error: unknown) => boolean) =>
  kafkaErrorCodes.filter(({ code }) => asked(kafkaError(code))).map(({ code }) => code);

describe('of all that Kafka can answer', () => {
  it('what nobody but a person mends does not pass, and all else does', () => {
    const GROUP_ID_NOT_FOUND = 69;
    const stay = kafkaErrorCodes.filter(
      ({ action, code }) =>
        action === 'dead-letter' || (action === 'fix-configuration' && code !== GROUP_ID_NOT_FOUND),
    );
    expect(codesWhere((error) => !passes(error))).toEqual(stay.map(({ code }) => code));
    expect(stay.length).toBeGreaterThan(30);
  });

  it('each narrower question has the codes that it is about', () => {
    expect(codesWhere(isTooLarge)).toEqual([10, 18]);
    expect(codesWhere(refusesConfig)).toEqual([40, 44]);
    expect(codesWhere(isFinalForMember)).toEqual([82]);
    expect(codesWhere(isMissingTopic)).toContain(3);
    expect(codesWhere(lacksRights)).toEqual(expect.arrayContaining([29, 30, 31, 53]));
  });

  it('an outage passes, and a record or a topic that is refused is none', () => {
    for (const code of codesWhere(isOutage)) expect(passes(kafkaError(code))).toBe(true);
    for (const code of [3, 10, 29, 40]) expect(isOutage(kafkaError(code))).toBe(false);
  });
});

it.each(['VELO_TOPOLOGY', 'VELO_NOT_SUPPORTED'] as const)('%s does not pass', (code) => {
  expect(passes(new VeloError(code, 'x'))).toBe(false);
});

it.each([undefined, null, 7, 'x', {}, new Error('boom')])('%s, which says nothing, may pass', (thrown) => {
  expect(passes(thrown)).toBe(true);
  expect([isFinalForMember(thrown), isMissingTopic(thrown), lacksRights(thrown), isTooLarge(thrown)]).toEqual(
    Array(4).fill(false),
  );
});
