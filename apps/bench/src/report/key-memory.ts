import { growthOf, type KeyMemory } from '../lane/key-memory.js';
import type { ReportTable } from './table.js';

/** MiB of heap that a million keys may leave behind: less than 3 bytes a key. */
const MOST_GROWTH = 2;

/** One row for each point; what grows with the keys would show from row to row. */
export function keyMemoryTable(measured: readonly KeyMemory[]): ReportTable {
  return {
    title: 'Memory by distinct keys',
    note: "A million records in memory, `order: 'key'`, 16 at once; MiB after a full collection. Goal: the heap of the last row is at most 2 MiB above that of the first.",
    head: ['keys', 'records handled', 'heap', 'rss', 'goal'],
    rows: measured.flatMap((each) =>
      each.points.map(({ handled, heap, rss }, index) => [
        each.keys.toLocaleString('en-US'),
        handled.toLocaleString('en-US'),
        heap.toFixed(1),
        rss.toFixed(0),
        index < each.points.length - 1 ? '' : growthOf(each) <= MOST_GROWTH ? 'reached' : 'not reached',
      ]),
    ),
    text: [4],
  };
}
