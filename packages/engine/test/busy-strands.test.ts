import { expect, it } from 'vitest';
import { BusyStrands } from '../src/lanes/busy-strands.js';

const of = (strand: string | undefined, name: string) => ({ strand, name });

it('one waits behind all of its strand that are under way, and behind those of no other', () => {
  const busy = new BusyStrands<ReturnType<typeof of>>();
  const [first, second, third] = [of('a', '1'), of('a', '2'), of('a', '3')];
  busy.begin(first);
  busy.begin(second);
  expect(busy.has(third)).toBe(true);
  expect(busy.follow(third)).toBe(true);
  expect(busy.has(of('b', '1'))).toBe(false);
  expect(busy.follow(of('b', '1'))).toBe(false);
  expect(busy.waiting).toBe(1);
  expect(busy.end(first)).toBeUndefined();
  expect(busy.end(second)).toEqual([third]);
  expect(busy.has(third)).toBe(false);
  expect(busy.waiting).toBe(0);
});

it('one of no strand is never behind another, and ends nothing', () => {
  const busy = new BusyStrands<ReturnType<typeof of>>();
  const free = of(undefined, '1');
  busy.begin(free);
  expect(busy.has(free)).toBe(false);
  expect(busy.follow(free)).toBe(false);
  expect(busy.end(free)).toBeUndefined();
});

it('lets go of all who wait, and of nobody twice', () => {
  const busy = new BusyStrands<ReturnType<typeof of>>();
  const [under, behind] = [of('a', '1'), of('a', '2')];
  busy.begin(under);
  busy.follow(behind);
  expect(busy.letGo()).toEqual([behind]);
  expect(busy.letGo()).toEqual([]);
  expect(busy.end(under)).toEqual([]);
});
