import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { prepareReport, reportHtml } from '../src/report/report.js';
import { SAMPLE_TALLY, sampleRun } from './sample-run.js';

const CONTEXT = { cluster: 'an embedded Kafka', client: 'kafkajs', finished: new Date(0) };
const html = reportHtml(sampleRun(), CONTEXT);
const { document } = parseHTML(html);
const textOf = (selector: string) => [...document.querySelectorAll(selector)].map((node) => node.textContent);

describe('the report', () => {
  it('shows the counts', () => {
    expect(textOf('.tile')).toEqual(['3,201produced', '3,169handled', '32dead-lettered', '0lost']);
    expect(textOf('h1')).toEqual(['velo: 3,201 films through real faults, none lost']);
    expect(textOf('.fault')).toEqual([]);
  });

  it('needs nothing from outside', () => {
    expect(html.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /https?:|src=|<link|<script|@import|url\(/,
    );
  });

  it('has a panel for each series on one axis of time, each with every outage shaded', () => {
    const plots = document.querySelectorAll('.plot svg');
    expect(plots).toHaveLength(5);
    const shaded = [...document.querySelectorAll('[fill="var(--outage)"]')];
    expect(shaded).toHaveLength(4);
    for (const group of shaded) expect(group.children).toHaveLength(4);
    for (const label of [
      'source topic missing',
      'broker 2 down',
      'leader changes',
      'enrichment service stopped',
    ]) {
      expect(textOf('.plot svg text')).toContain(label);
    }
  });

  it('defines each colour that a plot uses, for light and for dark', () => {
    const used = new Set(html.match(/var\((--[\w-]+)\)/g)?.map((text) => text.slice(4, -1)));
    for (const name of used) expect(html.split(`${name}:`).length - 1, name).toBe(2);
  });

  it('has the tables of the summary, with what came from outside escaped', () => {
    expect(textOf('h2')).toEqual(
      expect.arrayContaining(['Outcome', 'How late the tiers were', 'Dead letters']),
    );
    expect(html).not.toContain('<Universal>');
    expect(textOf('.long').join()).toContain('<Universal> & co');
  });

  it('says what does not add up', () => {
    const lossy = reportHtml(
      sampleRun({ ...SAMPLE_TALLY, handled: 3_168, lost: 1, firstLost: ['7-abc'] }),
      CONTEXT,
    );
    const page = parseHTML(lossy).document;
    expect(page.querySelector('h1')?.textContent).toBe('velo: the count does not add up');
    expect(page.querySelector('.fault')?.textContent).toContain('lost: 7-abc');
    expect(page.querySelector('.tile.bad')?.textContent).toBe('1lost');
  });

  it('can be written where its folders are missing, and says so where it cannot', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'velo-demo-report-'));
    const path = join(folder, 'a', 'b', 'report.html');
    await prepareReport(path);
    await writeFile(path, html);
    await prepareReport(path);
    expect(await readFile(path, 'utf8')).toBe(html);
    await expect(prepareReport(join(path, 'x.html'))).rejects.toThrow(/the report .* cannot be written/);
    await expect(prepareReport(folder)).rejects.toThrow('it is a folder');
    await rm(folder, { recursive: true });
  });
});
