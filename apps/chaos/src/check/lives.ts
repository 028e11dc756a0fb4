import type { AssignedEntry, ProcessHistory, TriedEntry } from '../history/entry.js';
import type { OffsetsReset } from './interventions.js';

/**
 * The time for which one process has had a partition and nobody else had: over as many rebalances as left it there,
 * unless its offset was reset between two of them. velo keeps what is finished in its lane for so long and no longer.
 */
export interface Life {
  readonly process: string;
  /** `topic partition` */
  readonly partition: string;
  /** Assignments of the process, counted from 1. */
  readonly firstTurn: number;
  lastTurn: number;
  /** ms since 1970 */
  readonly began: number;
  /** Of its latest assignment, ms since 1970. */
  confirmed: number;
  /** The highest offset whose commit was acknowledged in this life; -1 if there was none. */
  committed: number;
  /** By offset. */
  readonly attempts: Map<number, TriedEntry[]>;
}

/** Offsets that were tried in this life and not committed in it: a later life may try them again, and no others. */
export function uncommitted(life: Life): number[] {
  return [...life.attempts.keys()].filter((offset) => offset >= life.committed);
}

/** All lives of each partition, in the order in which they began. */
export function livesOf(
  histories: readonly ProcessHistory[],
  resets: readonly OffsetsReset[] = [],
): Map<string, Life[]> {
  const takes = takesOf(histories, resets);
  const lives = new Map<string, Life[]>();
  for (const history of histories) {
    for (const life of livesOfProcess(history, takes)) listIn(lives, life.partition).push(life);
  }
  for (const list of lives.values()) list.sort((a, b) => a.began - b.began);
  return lives;
}

function livesOfProcess({ process, entries }: ProcessHistory, takes: ReadonlyMap<string, Take[]>): Life[] {
  const all: Life[] = [];
  const open = new Map<string, Life>();
  const assigned = ({ turn, at, partitions }: AssignedEntry) => {
    for (const partition of open.keys()) if (!partitions.includes(partition)) open.delete(partition);
    for (const partition of partitions) {
      const life = open.get(partition);
      const isElsewhere = (take: Take) =>
        take.process !== process && life !== undefined && take.at > life.confirmed && take.at <= at;
      if (life === undefined || takes.get(partition)?.some(isElsewhere)) {
        const [committed, attempts] = [-1, new Map<number, TriedEntry[]>()];
        const next = {
          process,
          partition,
          firstTurn: turn,
          lastTurn: turn,
          began: at,
          confirmed: at,
          committed,
          attempts,
        };
        open.set(partition, next);
        all.push(next);
      } else {
        life.lastTurn = turn;
        life.confirmed = at;
      }
    }
  };
  for (const entry of entries) if (entry.kind === 'assigned') assigned(entry);

  const byPartition = new Map<string, Life[]>();
  for (const life of all) listIn(byPartition, life.partition).push(life);
  /** What began in a turn belongs to that turn's life, whenever it ended. */
  const lifeIn = (partition: string, turn: number) =>
    byPartition.get(partition)?.find(({ firstTurn, lastTurn }) => firstTurn <= turn && turn <= lastTurn);
  for (const entry of entries) {
    if (entry.kind === 'tried') {
      const life = lifeIn(entry.partition, entry.turn);
      if (life !== undefined) listIn(life.attempts, entry.offset).push(entry);
    } else if (entry.kind === 'committed') {
      for (const [partition, offset] of Object.entries(entry.offsets)) {
        const life = lifeIn(partition, entry.turn);
        if (life !== undefined) life.committed = Math.max(life.committed, offset);
      }
    }
  }
  return all;
}

interface Take {
  /** The administrator is none. */
  readonly process: string | undefined;
  readonly at: number;
}

/** When each partition was given to whom, or its offset reset. */
function takesOf(histories: readonly ProcessHistory[], resets: readonly OffsetsReset[]): Map<string, Take[]> {
  const takes = new Map<string, Take[]>();
  for (const { at, partitions } of resets)
    for (const partition of partitions.keys()) listIn(takes, partition).push({ process: undefined, at });
  for (const { process, entries } of histories) {
    for (const entry of entries) {
      if (entry.kind !== 'assigned') continue;
      for (const partition of entry.partitions) listIn(takes, partition).push({ process, at: entry.at });
    }
  }
  return takes;
}

/** The list under a key; an empty one is put there if there is none. */
export function listIn<K, V>(lists: Map<K, V[]>, key: K): V[] {
  const list = lists.get(key);
  if (list !== undefined) return list;
  const empty: V[] = [];
  lists.set(key, empty);
  return empty;
}
