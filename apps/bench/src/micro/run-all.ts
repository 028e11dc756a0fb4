import { cpus, loadavg } from 'node:os';
import { goals } from '../check/goals.js';
import { type LimitResult, measureLimits } from '../check/specification-limits.js';
import { judgePath, type Verdict } from '../check/verdict.js';
import type { Progress } from '../progress.js';
import { measureWorkers, type WorkersResult } from '../workers/measure-workers.js';
import type { Path } from './path.js';
import { type Effort, type PathResult, runPath } from './run-path.js';
import { openRustProgram, RustProgram } from './rust-program.js';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly v8: string;
  /** Processes that wanted a core in the last minute, ours included: above `cores`, timings are noisy. */
  readonly load: number;
}

export interface BenchResult {
  readonly machine: Machine;
  /** The compiler's absence in words, or undefined where the Rust program ran. */
  readonly rustMissing: string | undefined;
  readonly paths: readonly PathResult[];
  readonly verdicts: readonly Verdict[];
  readonly limits: readonly LimitResult[];
  readonly workers: readonly WorkersResult[];
  readonly seconds: number;
}

export interface BenchOptions {
  readonly paths: readonly Path[];
  readonly effort: Effort;
  /** Events that each worker thread counts. */
  readonly events: number;
  readonly workers: readonly number[];
  /** A path whose limit is broken is measured so many times more: only what stays broken counts. */
  readonly repeats: number;
  readonly progress: Progress;
}

/** Measures everything, one thing at a time. */
export async function runAll(options: BenchOptions): Promise<BenchResult> {
  const { paths, progress } = options;
  const started = performance.now();
  progress.show('compiling the Rust program');
  const rust = openRustProgram();
  const program = rust instanceof RustProgram ? rust : undefined;
  if (!(rust instanceof RustProgram)) progress.log(`no Rust to compare with: ${rust.missing}`);
  const results: PathResult[] = [];
  const verdicts: Verdict[] = [];
  try {
    for (const [index, path] of paths.entries()) {
      progress.show(`${index + 1} of ${paths.length}: ${path.title}`);
      const measured = await measurePath(path, options, program);
      results.push(measured.result);
      verdicts.push(...measured.verdicts);
    }
  } finally {
    program?.close();
  }
  progress.show("the specification's limits");
  const limits = measureLimits();
  const workers: WorkersResult[] = [];
  for (const kind of ['shared', 'atomic'] as const) {
    for (const count of options.workers) {
      progress.show(`${count} worker thread${count === 1 ? '' : 's'} (${kind})`);
      workers.push(await measureWorkers(kind, count, options.events));
    }
  }
  progress.end();
  return {
    machine: thisMachine(),
    rustMissing: rust instanceof RustProgram ? undefined : rust.missing,
    paths: results,
    verdicts,
    limits,
    workers,
    seconds: (performance.now() - started) / 1_000,
  };
}

async function measurePath(
  path: Path,
  { effort, repeats, progress }: BenchOptions,
  rust: RustProgram | undefined,
): Promise<{ result: PathResult; verdicts: readonly Verdict[] }> {
  for (let repeat = 0; ; repeat++) {
    // Each further measurement is longer: what disturbed the one before may still be there.
    const result = await runPath(path, { ...effort, rounds: effort.rounds * (repeat + 1) }, rust);
    const verdicts = judgePath(result, goals);
    if (repeat === repeats || verdicts.every(({ kept }) => kept)) return { result, verdicts };
    progress.log(`${path.id}: a limit was passed; measured again`);
  }
}

export function thisMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    node: process.versions.node,
    v8: process.versions.v8,
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
  };
}
