import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** What `npm start` runs; `npm test` builds it first. */
const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const LIMIT = 60_000;
const FILMS = 60;

const film = (n: number) => JSON.stringify({ Title: `Film ${n}`, 'Release Date': 'Jun 12 1998' });

/** The sum of all samples of a metric whose labels hold these. */
function sum(text: string, name: string, ...labels: string[]): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`));
  return lines
    .filter((line) => labels.every((label) => line.includes(label)))
    .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
}

it(
  'a run can be watched over HTTP: metrics by name, and probes, until it ends',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'velo-watched-'));
    const input = join(folder, 'films.ndjson');
    const bad = '{"Title":1776,"Release Date":"Nov 09 1972"}';
    await writeFile(input, [bad, ...Array.from({ length: FILMS }, (_, n) => film(n))].join('\n'));
    const { KAFKA_BROKERS: _, ...env } = process.env;
    const child = spawn(process.execPath, [MAIN, '--quick', '--watch', '0', '--input', input], {
      env,
      cwd: folder,
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => {
        printed += data;
      });
    const ended = new Promise((resolve) => child.once('close', resolve));
    /** The last ones that were scraped, and the states that probes gave. */
    let metrics = '';
    const live = new Set<number>();
    const ready = new Set<number>();
    while (child.exitCode === null) {
      const url = /http:\/\/127\.0\.0\.1:\d+(?=: \/metrics)/.exec(printed)?.[0];
      const get = (path: string) => fetch(url + path).catch(() => undefined);
      if (url !== undefined) {
        const scraped = await (await get('/metrics'))?.text().catch(() => undefined);
        if (scraped?.includes('state="running"} 1')) metrics = scraped;
        for (const [path, seen] of [
          ['/live', live],
          ['/ready', ready],
        ] as const) {
          const status = (await get(path))?.status;
          if (status !== undefined) seen.add(status);
        }
      }
      await sleep(25);
    }
    expect(await ended, printed).toBe(0);
    expect(
      sum(metrics, 'velo_attempts_total', 'outcome="success"', 'topic="films"'),
      metrics,
    ).toBeGreaterThan(0);
    expect(sum(metrics, 'velo_topic_waits_total', 'topic="films"')).toBeGreaterThan(0);
    expect(sum(metrics, 'velo_dead_letters_total', 'reason="permanent"', 'topic="films"')).toBe(1);
    expect(sum(metrics, 'velo_handler_duration_seconds_count')).toBeGreaterThan(0);
    expect(sum(metrics, 'velo_assigned_partitions', 'tier="0"')).toBeGreaterThan(0);
    expect(metrics).toMatch(/^velo_lag_records\{.*tier="1".*\} \d+$/m);
    expect(metrics).toMatch(/^velo_circuit_breakers\{.*state="closed".*\} [01]$/m);
    expect([...live]).toEqual([200]);
    expect(ready).toContain(200);
    // Before the topic was there.
    expect(ready).toContain(503);
    await rm(folder, { recursive: true });
  },
  LIMIT,
);
