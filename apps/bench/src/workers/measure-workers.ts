import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type RetryMetricsSnapshot, SharedRetryMetrics } from '@velo/retry-core';
import { AtomicMetrics } from '../references/atomic-metrics.js';
import type { CountingTask } from './counting-task.js';

/** Counting by so many worker threads at once. */
export interface WorkersResult {
  readonly kind: CountingTask['kind'];
  readonly workers: number;
  readonly events: number;
  readonly lost: number;
  /** Processor time of all threads for one event, which does not depend on how many cores there are. */
  readonly cpuNs: number;
  /** Taken by the main thread meanwhile, each at least as large as the one before. */
  readonly snapshots: number;
}

const PROGRAM = ['./workers/counting-worker.js', '../../dist/workers/counting-worker.js']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(fileURLToPath(url)));

/** @param events of each worker: what a thread costs by itself is to vanish among them */
export async function measureWorkers(
  kind: CountingTask['kind'],
  workers: number,
  events: number,
): Promise<WorkersResult> {
  const metrics = kind === 'shared' ? new SharedRetryMetrics({ workers }) : undefined;
  const buffer = metrics?.buffer ?? new SharedArrayBuffer(7 * 4);
  const gate = new SharedArrayBuffer(4);
  const threads = Array.from({ length: workers }, () => new CountingThread({ kind, buffer, events, gate }));
  await Promise.all(threads.map((thread) => thread.ready));

  const before = process.cpuUsage();
  const open = new Int32Array(gate);
  Atomics.store(open, 0, 1);
  Atomics.notify(open, 0);
  let counting = true;
  const ended = Promise.all(threads.map((thread) => thread.ns)).then((ns) => {
    counting = false;
    return ns;
  });
  const snapshots = metrics === undefined ? 0 : await watch(metrics, () => counting);
  await ended;
  const cpu = process.cpuUsage(before);
  await Promise.all(threads.map((thread) => thread.exited));

  const counted = metrics?.snapshot().attemptsTotal ?? new AtomicMetrics(buffer).attempts;
  const total = events * workers;
  return {
    kind,
    workers,
    events: total,
    lost: total - counted,
    cpuNs: ((cpu.user + cpu.system) * 1_000) / total,
    snapshots,
  };
}

/** Snapshots while others count: none may fall back. */
async function watch(metrics: SharedRetryMetrics, isCounting: () => boolean): Promise<number> {
  let last: RetryMetricsSnapshot | undefined;
  let taken = 0;
  while (isCounting()) {
    const snapshot = metrics.snapshot();
    if (last !== undefined && snapshot.attemptsTotal < last.attemptsTotal)
      throw new Error('a snapshot fell back');
    last = snapshot;
    taken++;
    // Now and then, so that the snapshots' own cost does not count much.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return taken;
}

class CountingThread {
  readonly ready: Promise<void>;
  readonly ns: Promise<number>;
  readonly exited: Promise<void>;

  constructor(task: CountingTask) {
    if (PROGRAM === undefined) throw new Error('the bench is not built: npm run build');
    const worker = new Worker(PROGRAM, { workerData: task });
    const failed = new Promise<never>((_, reject) => worker.once('error', reject));
    failed.catch(() => {});
    const messages: ((value: unknown) => void)[] = [];
    const next = () => Promise.race([failed, new Promise((resolve) => messages.push(resolve))]);
    this.ready = next().then(() => {});
    this.ns = next().then(Number);
    worker.on('message', (message) => messages.shift()?.(message));
    this.exited = Promise.race([
      failed,
      new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    ]);
  }
}
