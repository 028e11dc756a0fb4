import { expect, it } from 'vitest';
import { OffsetTexts } from '../src/fetching/offset-texts.js';

const AROUND = [0, 99, 100, 1_000, 2 ** 31, 5_123_456_789, 10 ** 12, 10 ** 15, Number.MAX_SAFE_INTEGER - 300];

it.each(AROUND)('are those of the numbers, one after the other and to and fro: around %i', (begin) => {
  const texts = new OffsetTexts();
  for (let step = 0; step < 300; step++) {
    const near = begin + step;
    const far = Math.floor(begin / (step + 2));
    expect([texts.of(near), texts.of(far), texts.of(near)]).toEqual([near, far, near].map(String));
  }
});

it('are those of librdkafka’s negative ones, too', () => {
  const texts = new OffsetTexts();
  expect([-1, -1_001, -2].map((offset) => texts.of(offset))).toEqual(['-1', '-1001', '-2']);
});
