import { expect, it } from 'vitest';
import { blockOf, emptyBlock } from '../src/micro/block.js';
import { paths } from '../src/paths/paths.js';

const comparable = paths.filter(
  ({ id, units }) => !id.startsWith('metrics') && id !== 'retrier' && units === undefined,
);
const long = paths.filter(({ units }) => units !== undefined);

it.each(comparable)('all cases of "$title" give the same answers', (path) => {
  const inputs = path.inputs();
  const [own, ...others] = path.cases(inputs);
  for (const input of inputs.slice(0, 64)) {
    const answer = own?.call(input as never);
    for (const { name, call } of others) {
      const other = call(input as never);
      // What is not rounded to whole milliseconds is the same up to half of one.
      if (typeof answer === 'number') expect(Math.round(other as number), name).toBe(Math.round(answer));
      else expect(other, `${name}: ${input}`).toBe(answer);
    }
  }
});

it.each(long)('all cases of "$title" work through as much as it says', async (path) => {
  for (const { call, verify } of path.cases(path.inputs())) {
    expect(await call(path.inputs()[0] as never)).toBe(path.units);
    verify?.();
  }
});

it.each(paths)('the Rust of "$title" gets what the cases get, as text', ({ inputs, rustInputs = inputs }) => {
  expect(rustInputs().length).toBe(inputs().length);
  for (const input of rustInputs()) expect(String(input)).not.toMatch(/[\t\n]/);
});

it('has no two paths of one id, and a case of velo first in each', () => {
  expect(new Set(paths.map(({ id }) => id)).size).toBe(paths.length);
  for (const path of paths) expect(path.cases(path.inputs())[0]?.kind).toBe('velo');
});

it('a block calls each input as often as told, and its sum depends on each result', async () => {
  const seen: number[] = [];
  const block = blockOf((input: number) => seen.push(input) && input * 2, [1, 2, 3]);
  seen.length = 0;
  expect(await block(2)).toBe(24);
  expect(seen).toEqual([1, 2, 3, 1, 2, 3]);
});

it('a block of an asynchronous case awaits each call', async () => {
  let running = 0;
  const block = blockOf(
    async (input: number) => {
      expect(++running).toBe(1);
      await Promise.resolve();
      running--;
      return input;
    },
    [1, 2, 3],
  );
  await Promise.resolve();
  await Promise.resolve();
  expect(await block(2)).toBe(12);
});

it('an empty block goes through the same inputs', async () => {
  expect(await emptyBlock([1, 2, 3])(2)).toBe(12);
});
