import { getHeapStatistics } from 'node:v8';
import { do_not_optimize as consume, measure } from 'mitata';
import type { Block } from './block.js';
import type { Timing } from './statistics.js';

/** A block is to last so long: far above the clock's resolution, far below a time slice of a busy machine. */
const BLOCK_NS = 120_000;

/** Where the processor's time counts, which is told in microseconds. */
export const LONG_BLOCK_NS = 10_000_000;

/** A block, and how often it goes through its inputs each time. */
export interface SizedBlock {
  readonly run: Block;
  readonly times: number;
  /** Calls in one block, or what they work through. */
  readonly calls: number;
}

/** Warms a block up for so many ms, and finds its size. */
export async function sizeBlock(
  run: Block,
  units: number,
  warmUpMs: number,
  blockNs = BLOCK_NS,
): Promise<SizedBlock> {
  let times = 1;
  const end = performance.now() + warmUpMs;
  let last = 0;
  for (;;) {
    const started = performance.now();
    consume(await run(times));
    last = (performance.now() - started) * 1e6;
    if (last < blockNs)
      times = Math.max(times + 1, Math.min(times * 2, Math.ceil((times * blockNs) / Math.max(last, 1))));
    if (performance.now() >= end && last >= blockNs) break;
  }
  // Cold runs were slower than those to come.
  times = Math.max(1, Math.round((times * blockNs) / last));
  return { run, times, calls: times * units };
}

/** One round: blocks for `ms`, timed by mitata one by one. */
export async function timeBlock({ run, times, calls }: SizedBlock, ms: number): Promise<Timing> {
  const stats = await measure(once(run, times), { ...ONE_BY_ONE, min_cpu_time: ms * 1e6, min_samples: 12 });
  return { median: stats.p50 / calls, p99: stats.p99 / calls };
}

/** Bytes that one call leaves on the heap, garbage included. */
export async function bytesPerCall({ run }: SizedBlock, units: number, samples = 30): Promise<number> {
  const heap = () => getHeapStatistics().used_heap_size;
  const stats = await measure(once(run, 1), { ...ONE_BY_ONE, heap, min_cpu_time: 5e6, min_samples: samples });
  return (stats.heap?.min ?? 0) / units;
}

/** mitata would put fast functions into batches of 4,096; blocks are batches already. */
const ONE_BY_ONE = {
  gc: false,
  inner_gc: false,
  batch_threshold: 0,
  warmup_threshold: 0,
  samples_threshold: 1e9,
};

function once(run: Block, times: number): () => unknown {
  const first = run(times);
  return first instanceof Promise ? async () => consume(await run(times)) : () => consume(run(times));
}
