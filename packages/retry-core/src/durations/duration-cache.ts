import { ownText } from '../own-text.js';

/** Entries at most. */
const CAPACITY = 1_024;

/** Known from the start, as in the specification. */
const COMMON = ['1s', '5s', '30s', '1m', '5m'];

interface Entry {
  text: string;
  value: number | undefined;
  /** When it was last used, in ticks. */
  used: number;
}

/**
 * The answers of a pure function of short texts, at most 1,024, the least recently used going first; "no answer"
 * is remembered too.
 *
 * In front stands a direct-mapped table from a cheap hash (length, first, middle and last character) to an entry.
 * It needs no upkeep: an entry that was given away holds another text, and the comparison fails. A hit writes only
 * a tick; the order of use is worked out when room is needed, by sorting the ticks once for up to 1,024 evictions,
 * which keeps the order exact and a flood of new texts cheap (apps/bench).
 */
export class DurationCache {
  private readonly entries = new Map<string, Entry>();
  private readonly front: Entry[];
  private tick = 0;
  /** Entries and when they were used, as sorted at the last reckoning, the most recent first. */
  private oldest: (readonly [entry: Entry, used: number])[] = [];

  constructor(private readonly compute: (text: string) => number | undefined) {
    for (const text of COMMON) this.find(text).used = ++this.tick;
    this.front = new Array<Entry>(CAPACITY).fill(this.find('1s'));
  }

  get(text: string): number | undefined {
    const { length } = text;
    const hash =
      length > 0
        ? text.charCodeAt(0) * 31 +
          text.charCodeAt(length >> 1) * 7 +
          text.charCodeAt(length - 1) * 129 +
          length * 67
        : 0;
    let entry = this.front[hash & (CAPACITY - 1)] as Entry;
    if (entry.text !== text) entry = this.front[hash & (CAPACITY - 1)] = this.find(text);
    entry.used = ++this.tick;
    return entry.value;
  }

  /** The entry of a text, made if it was not known. */
  private find(text: string): Entry {
    const known = this.entries.get(text);
    if (known) return known;
    const value = this.compute(text);
    const kept = ownText(text);
    const entry = this.entries.size < CAPACITY ? { text: kept, value, used: 0 } : this.evict();
    entry.text = kept;
    entry.value = value;
    this.entries.set(kept, entry);
    return entry;
  }

  /** Frees the least recently used entry: the oldest of the last reckoning that was not used since. */
  private evict(): Entry {
    for (;;) {
      const [entry, used] = this.oldest.pop() ?? this.reckon();
      if (entry.used === used) {
        this.entries.delete(entry.text);
        return entry;
      }
    }
  }

  /** Sorts the entries by their last use and takes the oldest. */
  private reckon(): readonly [entry: Entry, used: number] {
    this.oldest = Array.from(this.entries.values(), (entry) => [entry, entry.used] as const).sort(
      (a, b) => b[1] - a[1],
    );
    return this.oldest.pop() as readonly [Entry, number];
  }
}
