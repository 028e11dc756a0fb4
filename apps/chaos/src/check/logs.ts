import type { Entry, ProcessHistory } from '../history/entry.js';
import type { TopicRemade } from './interventions.js';

/**
 * A topic that was made again is another log under the same name: this gives the partitions of each a name of its own,
 * `parcels 0` and `parcels 0 (made again)`.
 */
export function byLog(
  histories: readonly ProcessHistory[],
  remade: readonly TopicRemade[],
): readonly ProcessHistory[] {
  if (remade.length === 0) return histories;
  return histories.map(({ process, entries }) => {
    const highest = new Map<string, number>();
    return { process, entries: entries.map((entry) => named(entry, remade, highest)) };
  });
}

/** The log that a partition was at that time. */
export function logAt(partition: string, at: number, remade: readonly TopicRemade[]): string {
  return logName(partition, remadeBy(partition, at, remade).length);
}

/** When each log that took another one's place began, ms since 1970. */
export function beginnings(
  histories: readonly ProcessHistory[],
  remade: readonly TopicRemade[],
): Map<string, number> {
  const assigned = histories.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.kind === 'assigned' ? entry.partitions : [])),
  );
  return new Map(
    [...new Set(assigned)].flatMap((partition) =>
      remadeBy(partition, Number.POSITIVE_INFINITY, remade).map(
        ({ at }, i) => [logName(partition, i + 1), at] as const,
      ),
    ),
  );
}

function logName(partition: string, times: number): string {
  if (times === 0) return partition;
  return `${partition} (made again${times > 1 ? ` ${times} times` : ''})`;
}

/** @param partition `topic partition` */
function remadeBy(partition: string, at: number, remade: readonly TopicRemade[]): TopicRemade[] {
  const topic = partition.slice(0, partition.indexOf(' '));
  return remade.filter((one) => one.topic === topic && one.at <= at);
}

/** @param highest the process's last attempt of each log so far */
function named(entry: Entry, remade: readonly TopicRemade[], highest: Map<string, number>): Entry {
  switch (entry.kind) {
    // Whoever has a partition has it of all the logs.
    case 'assigned': {
      const partitions = entry.partitions.flatMap((partition) => logsOf(partition, remade));
      return { ...entry, partitions };
    }
    case 'tried': {
      const partition = logAt(entry.partition, entry.written, remade);
      highest.set(partition, Math.max(highest.get(partition) ?? -1, entry.offset));
      return { ...entry, partition };
    }
    case 'committed': {
      const offsets = Object.entries(entry.offsets).map(([partition, offset]) => {
        const name = committedLog(partition, offset, entry.at, remade, highest);
        return [name, offset] as const;
      });
      return { ...entry, offsets: Object.fromEntries(offsets) };
    }
    default:
      return entry;
  }
}

/** The latest log in which the process has tried what it commits: a commit beyond that is of the log before. */
function committedLog(
  partition: string,
  offset: number,
  at: number,
  remade: readonly TopicRemade[],
  highest: ReadonlyMap<string, number>,
): string {
  let times = remadeBy(partition, at, remade).length;
  while (times > 0 && offset > (highest.get(logName(partition, times)) ?? -1) + 1) times--;
  return logName(partition, times);
}

function logsOf(partition: string, remade: readonly TopicRemade[]): string[] {
  const times = remadeBy(partition, Number.POSITIVE_INFINITY, remade).length;
  return Array.from({ length: times + 1 }, (_, i) => logName(partition, i));
}
