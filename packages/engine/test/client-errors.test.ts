import { classifyKafkaError, VeloError } from '@velo/retry-core';
import { describe, expect, it } from 'vitest';
import { hostileValues } from '../../retry-core/test/support/hostile-values.js';
import {
  isTooLate,
  notFenced,
  tooLate,
  unwritableRecord,
  writablePart,
} from '../src/binding/client-errors.js';

/** Whatever a caller in plain JavaScript passes, or a client rejects with. */
const zoo = Object.entries(hostileValues)
  // Nobody else would handle its rejection here.
  .filter(([name]) => !name.startsWith('a rejected promise'))
  .map(([name, make]) => ({ name, make }));

describe.each(zoo)('$name', ({ make }) => {
  it('is no call that did not come back', () => {
    expect(isTooLate(make())).toBe(false);
  });

  it('is bytes, text, nothing, or refused as a value', () => {
    const value = make() as never;
    let part: unknown;
    try {
      part = writablePart('a client', value, 'value');
    } catch (error) {
      expect(classifyKafkaError(error)).toMatchObject({ code: 87, retry: false });
      return;
    }
    expect(part === null || typeof part === 'string' || Buffer.isBuffer(part)).toBe(true);
  });
});

it('a call that does not come back is known for one', () => {
  expect(isTooLate(tooLate('a client', 'connect', 10))).toBe(true);
  expect(isTooLate(new VeloError('VELO_CLIENT', 'x'))).toBe(false);
});

it('a record that cannot be written is never tried again', () => {
  expect(classifyKafkaError(unwritableRecord('a client', 'its key is odd'))).toMatchObject({ retry: false });
});

it('a transaction that cannot begin names its partition, where there is one for each', () => {
  expect(notFenced({ topic: 'orders', partition: 3 }).message).toContain('partition 3 of "orders"');
  expect(notFenced().message).not.toContain('partition undefined');
});
