import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { build } from 'vite';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { ErrorCategory } from '../../src/error-category.js';
import { reportPerformanceMetrics } from '../../src/metrics/report.js';
import { RetryMetrics } from '../../src/metrics/retry-metrics.js';
import { SharedRetryMetrics } from '../../src/metrics/shared-retry-metrics.js';
import { isVeloError } from '../../src/velo-error.js';

const events = [
  'attempt',
  'success',
  'timeout',
  'TopicMissing',
  'NetworkIssue',
  'AuthenticationIssue',
  'ConfigurationIssue',
  'Unknown',
  'Weather',
] as const;

function record(metrics: RetryMetrics | SharedRetryMetrics, event: (typeof events)[number]): void {
  if (event === 'attempt') metrics.recordAttempt();
  else if (event === 'success') metrics.recordAttemptWithSuccess();
  else if (event === 'timeout') metrics.recordAttemptWithTimeout();
  else metrics.recordAttemptWithError(event as ErrorCategory);
}

function faultOf(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('did not throw');
}

describe('SharedRetryMetrics', () => {
  it('counts as RetryMetrics does, whoever counts, through resets', () => {
    const step = fc.record({ who: fc.nat(2), event: fc.constantFrom(...events, 'reset' as const) });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const model = new RetryMetrics();
        const maker = new SharedRetryMetrics({ workers: 2 });
        const all = [maker, SharedRetryMetrics.attach(maker.buffer), SharedRetryMetrics.attach(maker.buffer)];
        for (const { who, event } of steps) {
          const one = all[who] as SharedRetryMetrics;
          if (event === 'reset') {
            one.reset();
            model.reset();
          } else {
            record(one, event);
            record(model, event);
          }
        }
        for (const each of all) {
          expect(each.snapshot()).toEqual(model.snapshot());
          expect(each.attemptsEver).toBe(model.attemptsEver);
        }
      }),
    );
  });

  it('keeps what a worker counted when it leaves and another takes its stripe', () => {
    const maker = new SharedRetryMetrics({ workers: 1 });
    for (let i = 0; i < 5; i++) {
      const worker = SharedRetryMetrics.attach(maker.buffer);
      worker.recordAttemptWithSuccess();
      worker.release();
    }
    expect(maker.snapshot()).toMatchObject({
      attemptsTotal: 5,
      successesTotal: 5,
      successRate: 1,
      averageAttempts: 1,
    });
  });

  it('says so when more workers attach than it was made for', () => {
    const maker = new SharedRetryMetrics({ workers: 2 });
    const first = SharedRetryMetrics.attach(maker.buffer);
    SharedRetryMetrics.attach(maker.buffer);
    const fault = faultOf(() => SharedRetryMetrics.attach(maker.buffer));
    expect(isVeloError(fault, 'VELO_INVALID_OPTION')).toBe(true);
    expect((fault as Error).message).toContain('All 2 workers');
    first.release();
    expect(SharedRetryMetrics.attach(maker.buffer).stripe).toBe(2);
  });

  it('does not let one that was released spoil the counts of another', () => {
    const maker = new SharedRetryMetrics({ workers: 1 });
    const gone = SharedRetryMetrics.attach(maker.buffer);
    gone.release();
    const heir = SharedRetryMetrics.attach(maker.buffer);
    gone.recordAttemptWithError('Unknown');
    gone.release();
    expect(maker.snapshot().attemptsTotal).toBe(0);
    expect(() => SharedRetryMetrics.attach(maker.buffer)).toThrow();
    maker.reclaim(heir.stripe);
    expect(() => SharedRetryMetrics.attach(maker.buffer)).not.toThrow();
  });

  it('reports each attempt of every thread once', () => {
    const maker = new SharedRetryMetrics({ workers: 1 });
    const worker = SharedRetryMetrics.attach(maker.buffer);
    let counted = 0;
    const sink = {
      counter(_: string, value: number) {
        counted += value;
      },
      histogram() {},
    };
    maker.recordAttempt();
    worker.recordAttempt();
    reportPerformanceMetrics(maker, sink);
    worker.recordAttempt();
    maker.reset();
    worker.recordAttempt();
    reportPerformanceMetrics(maker, sink);
    expect(counted).toBe(4);
  });

  it.each([0, -1, 1.5, NaN, 4_097, Infinity, '2' as unknown as number])('refuses workers = %s', (workers) => {
    expect(
      isVeloError(
        faultOf(() => new SharedRetryMetrics({ workers })),
        'VELO_INVALID_OPTION',
      ),
    ).toBe(true);
  });

  it.each([
    undefined,
    null,
    {},
    new ArrayBuffer(132 * 3),
    new SharedArrayBuffer(0),
    new SharedArrayBuffer(132 * 2),
    new SharedArrayBuffer(132 * 3 + 1),
  ])('refuses a buffer that is not its own: %o', (buffer) => {
    expect(
      isVeloError(
        faultOf(() => SharedRetryMetrics.attach(buffer as SharedArrayBuffer)),
        'VELO_INVALID_OPTION',
      ),
    ).toBe(true);
  });

  it('says so where there is no SharedArrayBuffer', () => {
    vi.stubGlobal('SharedArrayBuffer', undefined);
    const fault = faultOf(() => new SharedRetryMetrics({ workers: 1 }));
    vi.unstubAllGlobals();
    expect(isVeloError(fault, 'VELO_NOT_SUPPORTED')).toBe(true);
  });
});

describe('SharedRetryMetrics across worker threads', () => {
  let program: string;
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('./shared-worker.ts', import.meta.url));
    const result = await build({
      configFile: false,
      logLevel: 'silent',
      build: { write: false, ssr: true, rollupOptions: { input: entry, output: { format: 'cjs' } } },
    });
    program = (result as unknown as { output: [{ code: string }] }).output[0].code;
  });

  /** Runs a worker to its end; gives back its stripe. */
  function run(buffer: SharedArrayBuffer, events: number, leaves: boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      let stripe = NaN;
      const worker = new Worker(program, { eval: true, workerData: { buffer, events, leaves } });
      worker.on('message', (message: number) => (stripe = message));
      worker.on('error', reject);
      worker.on('exit', () => resolve(stripe));
    });
  }

  it('loses nothing, under load, with workers that come and go, one of them without a word', async () => {
    const maker = new SharedRetryMetrics({ workers: 3 });
    const events = 30_000;
    for (let wave = 0; wave < 2; wave++) {
      const waves = Promise.all([
        run(maker.buffer, events, true),
        run(maker.buffer, events, true),
        run(maker.buffer, events, false),
      ]);
      for (let i = 0; i < events; i++) maker.recordAttempt();
      const stripes = await waves;
      maker.reclaim(stripes[2] as number);
    }
    expect(maker.snapshot()).toMatchObject({
      attemptsTotal: 8 * events,
      successesTotal: 2 * events,
      timeoutsTotal: 2 * events,
      errorsByCategory: { NetworkIssue: 2 * events },
    });
  }, 30_000);
});
