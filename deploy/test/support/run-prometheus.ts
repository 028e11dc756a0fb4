import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '@velo/testkit';

export interface Answer {
  /** What Prometheus says against the query. */
  readonly error?: string;
  readonly result: readonly { readonly metric: object; readonly value: readonly [number, string] }[];
}

/** A Prometheus that scrapes one target, again and again. */
export interface RunningPrometheus {
  query(expr: string): Promise<Answer>;
  stop(): Promise<void>;
}

const START_LIMIT = 45_000;
/** Rates need two scrapes. */
const SCRAPES = 5;

/** @param target `host:port` @throws {Error} if it has not scraped the target in time */
export async function runPrometheus(server: string, target: string): Promise<RunningPrometheus> {
  const folder = await mkdtemp(join(tmpdir(), 'velo-prometheus-'));
  const config = join(folder, 'prometheus.yml');
  const jobs = [{ job_name: 'velo', static_configs: [{ targets: [target] }] }];
  const global = { scrape_interval: '500ms', scrape_timeout: '500ms' };
  await writeFile(config, JSON.stringify({ global, scrape_configs: jobs }));
  const address = `127.0.0.1:${await freePorts(1)}`;
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${address}`,
  ];
  const child = spawn(server, args, { stdio: 'ignore' });
  const running: RunningPrometheus = {
    async query(expr) {
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expr)}`);
      const { error, data } = (await answer.json()) as { error?: string; data?: Pick<Answer, 'result'> };
      return { ...(error !== undefined && { error }), result: data?.result ?? [] };
    },
    async stop() {
      await end(child);
      await rm(folder, { recursive: true });
    },
  };
  const started = Date.now();
  while (child.exitCode === null && Date.now() - started < START_LIMIT) {
    const scrapes = await running.query('sum(sum_over_time(up[5m]))').catch(() => undefined);
    if (Number(scrapes?.result[0]?.value[1] ?? 0) >= SCRAPES) return running;
    await sleep(100);
  }
  const { exitCode } = child;
  await running.stop();
  throw new Error(`Prometheus has not scraped ${target} in time (exit code ${exitCode})`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await ended;
}
