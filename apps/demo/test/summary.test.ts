import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { summaryTables } from '../src/report/summary.js';
import { terminalTable } from '../src/report/terminal-table.js';
import { sampleRun } from './sample-run.js';

const plain = pc.createColors(false);
const run = sampleRun();
const tables = new Map(summaryTables(run).map((table) => [table.title, table]));

describe('the summary', () => {
  it('parts the handled films without leaving one out', () => {
    const rows = tables.get('Outcome')?.rows ?? [];
    const parts = rows
      .filter(([label]) => label?.startsWith('  '))
      .map(([, films]) => Number(films?.replace(',', '')));
    expect(parts.reduce((sum, films) => sum + films, 0)).toBe(run.scoreboard.handled);
  });

  it('counts every handled film in one group of attempts', () => {
    const films =
      tables.get('Attempts of the handled films')?.rows.map(([, n]) => Number(n?.replace(',', ''))) ?? [];
    expect(films.reduce((sum, n) => sum + n, 0)).toBe(run.scoreboard.handled);
  });

  it('names the bad lines, and how many more there are', () => {
    const survey = { ...run.survey, badLines: 3, firstBadLines: [{ line: 7, problem: 'no JSON' }] };
    expect(summaryTables({ ...run, survey }).at(-1)?.rows).toEqual([
      ['7', 'no JSON'],
      ['…', 'and 2 more'],
    ]);
  });

  it('leaves out tables without rows', () => {
    const tally = { ...run.tally, deadLetterReasons: [] };
    expect(summaryTables({ ...run, tally }).map(({ title }) => title)).not.toContain('Dead letters');
  });

  it.each([60, 80, 120])('fits a terminal of %i characters', (width) => {
    for (const table of tables.values()) {
      const [, ...lines] = terminalTable({ ...table, note: '' }, width, plain).split('\n');
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});
