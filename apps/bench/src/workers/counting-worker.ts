import { parentPort, workerData } from 'node:worker_threads';
import { errorCategories, SharedRetryMetrics } from '@velo/retry-core';
import { AtomicMetrics } from '../references/atomic-metrics.js';
import type { CountingTask } from './counting-task.js';

/** A worker thread that counts its share of events. */
const { kind, buffer, events, gate } = workerData as CountingTask;

/** Events before the gate opens: each thread compiles the loop for itself. */
const WARM_UP = 3_000_000;

const counters = kind === 'shared' ? SharedRetryMetrics.attach(buffer) : new AtomicMetrics(buffer);
if (kind === 'shared') warmUp(new SharedRetryMetrics({ workers: 1 }));
else warmUp(new AtomicMetrics());

const open = new Int32Array(gate);
parentPort?.postMessage('ready');
Atomics.wait(open, 0, 0);
const started = process.hrtime.bigint();
count(counters, events);
const ns = Number(process.hrtime.bigint() - started);
if ('release' in counters) counters.release();
parentPort?.postMessage(ns);

function warmUp(own: SharedRetryMetrics | AtomicMetrics): void {
  count(own, WARM_UP);
}

function count(to: SharedRetryMetrics | AtomicMetrics, times: number): void {
  for (let i = 0; i < times; i++) {
    if (i % 3 === 0) to.recordAttemptWithSuccess();
    else to.recordAttemptWithError(errorCategories[i % 5] as (typeof errorCategories)[number]);
  }
}
