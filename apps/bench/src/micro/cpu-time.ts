import { do_not_optimize as consume } from 'mitata';
import type { SizedBlock } from './measure.js';
import type { Timing } from './statistics.js';

/** In each round at least. */
const SAMPLES = 3;

/**
 * One round: blocks for `ms` of processor time, of all of the process's threads. For blocks that last longer than a time slice:
 * by the clock on the wall, a busy machine makes those slower that are interrupted, and not the short ones beside them.
 */
export async function timeBlockByCpu({ run, times, calls }: SizedBlock, ms: number): Promise<Timing> {
  const samples: number[] = [];
  for (let spent = 0; spent < ms * 1e3 || samples.length < SAMPLES; ) {
    const before = process.cpuUsage();
    consume(await run(times));
    const { user, system } = process.cpuUsage(before);
    spent += user + system;
    samples.push(((user + system) * 1e3) / calls);
  }
  samples.sort((a, b) => a - b);
  const at = (share: number) => samples[Math.floor(share * (samples.length - 1))] as number;
  return { median: at(0.5), p99: at(0.99) };
}
