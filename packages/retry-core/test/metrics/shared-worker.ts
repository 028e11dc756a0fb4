// Bundled by shared-retry-metrics.test.ts and run as a worker thread.
import { parentPort, workerData } from 'node:worker_threads';
import { SharedRetryMetrics } from '../../src/metrics/shared-retry-metrics.js';

const { buffer, events, leaves } = workerData as {
  buffer: SharedArrayBuffer;
  events: number;
  leaves: boolean;
};
const metrics = SharedRetryMetrics.attach(buffer);
for (let i = 0; i < events; i++) {
  if (i % 3 === 0) metrics.recordAttemptWithSuccess();
  else if (i % 3 === 1) metrics.recordAttemptWithError('NetworkIssue');
  else metrics.recordAttemptWithTimeout();
}
const { stripe } = metrics;
if (leaves) metrics.release();
parentPort?.postMessage(stripe);
