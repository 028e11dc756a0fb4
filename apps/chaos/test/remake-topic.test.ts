import { expect, it } from 'vitest';
import { withinLog } from '../src/faults/remake-topic.js';

it('an offset beyond the end of a log was committed of the one before it', () => {
  const committed = new Map([
    [0, 9],
    [1, 10],
    [2, 3_415],
    [3, -1],
    [4, 1],
  ]);
  const ends = new Map([
    [0, 9],
    [1, 12],
    [2, 9],
    [3, 0],
  ]);
  expect(withinLog(committed, ends)).toEqual(
    new Map([
      [0, 9],
      [1, 10],
      [3, -1],
    ]),
  );
});
