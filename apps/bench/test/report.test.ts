import { describe, expect, it } from 'vitest';
import { judgePath } from '../src/check/verdict.js';
import type { BenchResult } from '../src/micro/run-all.js';
import { benchHtml } from '../src/report/bench-report.js';
import { benchTables } from '../src/report/bench-tables.js';
import { concurrencyPlot, concurrencyTable } from '../src/report/concurrency.js';
import { formatBytes, formatNs, formatRatio } from '../src/report/format.js';
import { markdown } from '../src/report/markdown.js';
import { ratioOf, throughputTable } from '../src/report/throughput-table.js';

const path = {
  id: 'p',
  title: 'a <path>',
  cases: [
    { name: 'mine', kind: 'velo', ns: 3, net: 2, p99: 4, bytes: 0.7 },
    { name: 'a|b', kind: 'peer', ns: 1_201, net: 1_200, p99: 1_300, bytes: 640 },
    { name: "the specification's Rust", kind: 'rust', ns: 9, net: 8, p99: 10 },
  ],
} as const;

const result: BenchResult = {
  machine: { cpu: 'a processor', cores: 2, node: '20.0.0', v8: '11.3', load: 1 },
  rustMissing: undefined,
  paths: [path],
  verdicts: judgePath(path, [
    { path: 'p', case: 'mine', against: 'a|b', most: 0.5 },
    { path: 'p', case: 'a|b', against: 'mine', most: 1 },
  ]),
  limits: [{ name: '1,000 delays', measured: 3, cold: 40, limit: 100 }],
  workers: [{ kind: 'shared', workers: 2, events: 1e7, lost: 0, cpuNs: 2.1, snapshots: 9 }],
  seconds: 1,
};

describe('numbers', () => {
  it.each([
    [0.31, '0.3'],
    [57.42, '57.4'],
    [138.1, '138'],
    [4742.7, '4,743'],
  ])('%s ns is written %s', (ns, text) => expect(formatNs(ns)).toBe(text));

  it.each([
    [undefined, '-'],
    [1.2, '0'],
    [2_778.4, '2,778'],
  ])('%s bytes are written %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it.each([
    [0.314, '0.31'],
    [12.4, '12'],
  ])('a ratio of %s is written %s', (ratio, text) => expect(formatRatio(ratio)).toBe(text));
});

it('Markdown has a line for each case, numbers to the right, and no bar that breaks a row', () => {
  const text = markdown(benchTables(result));
  expect(text).toContain('| mine | velo | 3.0 | 2.0 | 4.0 | 0 | 1 |');
  expect(text).toContain('| a\\|b | peer | 1,201 | 1,200 | 1,300 | 640 | 600 |');
  expect(text).toContain('|---|---|---:|---:|---:|---:|---:|');
  expect(text).toContain('BROKEN');
  expect(text).toContain('| SharedRetryMetrics | 2 | 10,000,000 | 0 | 2.1 | 9 |');
});

it('the HTML page needs nothing else, and shows a bar for each case on a log scale', () => {
  const html = benchHtml(result);
  expect(html).toContain('<!doctype html>');
  expect(html).toContain('a &#60;path&#62;');
  expect(html).not.toMatch(/(src|href)="(?!#)|@import|url\(/);
  const bars = html.match(/<rect[^>]*fill="var\(--\w+\)"[^>]*>|<path[^>]*fill="var\(--\w+\)"[^>]*>/g) ?? [];
  expect(bars.length).toBeGreaterThanOrEqual(path.cases.length);
  expect(html).toContain('10,000 ns');
});

it('says where no Rust was at hand', () => {
  expect(benchHtml({ ...result, rustMissing: 'neither cargo nor rustc is on this machine' })).toContain(
    'no Rust to compare with: neither cargo nor rustc',
  );
});

describe('throughput', () => {
  const rounds = (...speeds: number[]) =>
    speeds.map((perSecond) => ({ perSecond, perCpuSecond: perSecond / 2 }));

  it('ratios are of rounds made one after the other, so that a slow minute does not count', () => {
    expect(ratioOf([120, 12, 130], [100, 10, 100])).toBe(1.2);
  });

  it('velo is compared with the bare client, and with failures to velo without', () => {
    const { rows } = throughputTable(
      [
        { contender: 'bare', handler: 'sync', failing: 'none', rounds: rounds(100) },
        { contender: 'velo', handler: 'sync', failing: 'none', rounds: rounds(120) },
        { contender: 'velo', handler: 'sync', failing: 'in-place', rounds: rounds(60) },
      ],
      'kafkajs',
    );
    expect(rows[1]).toEqual([
      'sync',
      'velo, no failures',
      '120',
      '60',
      '1.20',
      '1.20',
      'kafkajs alone',
      '1.1 reached',
    ]);
    expect(rows[2]?.slice(4)).toEqual(['0.50', '0.50', 'velo, no failures', '0.8 not reached']);
  });
});

describe('the report on concurrency', () => {
  const points = [
    { work: 20, concurrency: 1, batch: 1, perSecond: 570, perCpuSecond: 9_000, ideal: 600 },
    { work: 20, concurrency: 64, batch: 1, perSecond: 30_000, perCpuSecond: 40_000, ideal: 38_400 },
    { work: 1, concurrency: 64, batch: 1, perSecond: 90_000, perCpuSecond: 80_000, ideal: 768_000 },
  ];

  it('holds a point to its handlers, or to the most that the machine does', () => {
    expect(concurrencyTable(points).rows.map((row) => row.slice(6))).toEqual([
      ['0.95', '1.0', 'reached'],
      ['0.78', '52.6', 'not reached'],
      ['0.12', 'NaN', 'at the limit'],
    ]);
  });

  it('holds a batch to a hundred times one by one, where the design asks for it', () => {
    const batch = (work: number, perSecond: number) => ({
      work,
      concurrency: 1,
      batch: 500,
      perSecond,
      perCpuSecond: 1,
      ideal: 300_000,
    });
    const one = (work: number) => ({ ...batch(work, 570), batch: 1 });
    const verdicts = (...of: ReturnType<typeof batch>[]) =>
      concurrencyTable(of).rows.map((row) => row.at(-1));
    expect(verdicts(one(20), batch(20, 57_000))[1]).toBe('reached');
    expect(verdicts(one(20), batch(20, 56_000))[1]).toBe('not reached');
    expect(verdicts(one(5), batch(5, 56_000))[1]).toBe('');
  });

  it('is drawn with a line for each handler', () => {
    const drawn = concurrencyPlot(points);
    expect(drawn).toMatch(/^<svg/);
    expect(drawn).toContain('20 ms');
  });
});
