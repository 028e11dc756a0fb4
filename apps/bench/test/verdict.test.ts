import { expect, describe as group, it } from 'vitest';
import { type Goal, goals } from '../src/check/goals.js';
import { describe, judge, judgePath } from '../src/check/verdict.js';
import { type PathResult, RUST } from '../src/micro/run-path.js';
import { findPath } from '../src/paths/paths.js';

const half: Goal = { path: 'p', case: 'mine', against: 'other', most: 0.5 };

const path = (mine: number, other: number): PathResult => ({
  id: 'p',
  title: 'a path',
  cases: [
    { name: 'mine', kind: 'velo', ns: mine + 1, net: mine, p99: mine, bytes: 0 },
    { name: 'other', kind: 'peer', ns: other + 1, net: other, p99: other, bytes: 64 },
  ],
});

group('a goal', () => {
  it.each([
    { measured: 0.5, reached: true, kept: true },
    { measured: 0.6, reached: false, kept: true },
    { measured: 0.63, reached: false, kept: false },
  ])('of 0.5 is judged with a margin of a quarter: $measured', ({ measured, reached, kept }) => {
    expect(judge(half, measured)).toMatchObject({ reached, kept });
  });

  it('that was accepted to be missed is held at what was accepted', () => {
    const accepted = { ...half, accepted: 0.8 };
    expect(judge(accepted, 0.9)).toMatchObject({ reached: false, kept: true });
    expect(judge(accepted, 1.1)).toMatchObject({ reached: false, kept: false });
  });

  it('against the Rust is judged with a wide margin, since processors differ in what they make of JavaScript', () => {
    expect(judge({ ...half, against: RUST }, 0.99)).toMatchObject({ reached: false, kept: true });
    expect(judge({ ...half, against: RUST }, 1.01).kept).toBe(false);
  });

  it('of nanoseconds has a wide margin, since machines differ', () => {
    expect(judge({ ...half, against: 'ns', most: 2 }, 4.9)).toMatchObject({ reached: false, kept: true });
    expect(judge({ ...half, against: 'ns', most: 2 }, 5.1).kept).toBe(false);
  });

  it('of no bytes allows for what the heap does by itself', () => {
    expect(judge({ ...half, against: 'bytes', most: 0 }, 1.2)).toMatchObject({ reached: true, kept: true });
    expect(judge({ ...half, against: 'bytes', most: 0 }, 16).kept).toBe(false);
  });

  it('NaN keeps no limit', () => {
    expect(judge(half, Number.NaN).kept).toBe(false);
  });
});

group('a path', () => {
  it('is judged by ratios of times without the loop', () => {
    expect(judgePath(path(4, 10), [half])[0]).toMatchObject({ measured: 0.4, reached: true });
  });

  it('leaves out goals of other paths, and against what was not measured', () => {
    const others: Goal[] = [
      { ...half, path: 'q' },
      { ...half, against: RUST },
    ];
    expect(judgePath(path(4, 10), others)).toEqual([]);
  });

  it('says what was slow and against what', () => {
    const [verdict] = judgePath(path(8, 10), [half]);
    if (verdict === undefined) throw new Error('not judged');
    expect(describe(verdict)).toBe('p: mine at 0.80 of other, goal 0.5, limit 0.63 BROKEN');
  });
});

it.each(goals)('the goal for $case of $path against $against names what is measured', (goal) => {
  const path = findPath(goal.path);
  const names = path.cases(path.inputs()).map(({ name }) => name);
  expect(names).toContain(goal.case);
  if (goal.against === RUST) expect(path.rust).toBeDefined();
  else if (goal.against !== 'ns' && goal.against !== 'bytes') expect(names).toContain(goal.against);
});

it('each goal against the Rust has one beside it that holds without', () => {
  for (const { path, case: name } of goals.filter(({ against }) => against === RUST)) {
    const others = goals.filter((goal) => goal.path === path && goal.case === name && goal.against !== RUST);
    expect(others.length, path).toBeGreaterThan(0);
  }
});
