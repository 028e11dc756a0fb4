import { expect, it } from 'vitest';
import { readFatalError } from '../src/errors/fatal-error.js';
import { readOffsetReset } from '../src/errors/log-line.js';

const RESET = 'orders.v1 [3]: offset reset (at offset 17 (leader epoch 2), broker 1) to offset BEGINNING';

it('a line of a position that was reset tells which', () => {
  expect(readOffsetReset({ fac: 'OFFSET', message: RESET })).toEqual({
    topic: 'orders.v1',
    partition: 3,
    offset: 17,
  });
  expect(readOffsetReset({ fac: 'FAIL', message: RESET })).toBeUndefined();
  expect(readOffsetReset({ fac: 'OFFSET', message: 'something else' })).toBeUndefined();
});

it('a line of a fatal error gives its reason, and what Kafka calls it', () => {
  const message = 'Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id';
  expect(readFatalError({ fac: 'FATAL', message })).toMatchObject({ code: 82 });
  expect(readFatalError({ fac: 'FAIL', message })).toBeUndefined();
});
