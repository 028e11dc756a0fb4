import { atOf, type Letter } from './letter.js';
import type { DeadLetterGroup } from './types.js';

/** Whoever makes dead letters can make fingerprints without end. */
const MOST_GROUPS = 1_000;
const OTHERS = '…';
const HOUR = 3_600_000;

/** Dead letters counted by topic and by what they failed with. */
export class Tally {
  readonly #now: number;
  readonly #topics = new Map<
    string,
    Map<string, { -readonly [K in keyof DeadLetterGroup]: DeadLetterGroup[K] }>
  >();

  /** @param wallTime of the call, ms since 1970 */
  constructor(wallTime: number) {
    this.#now = wallTime;
  }

  add(letter: Letter): void {
    const { topic, info, category, timestamp } = letter;
    const groups = this.#topics.get(topic) ?? new Map();
    this.#topics.set(topic, groups);
    const own = `${info?.reason} ${category} ${letter.fingerprint}`;
    const full = groups.size >= MOST_GROUPS && !groups.has(own);
    const key = full ? OTHERS : own;
    const recent = this.#now - timestamp < HOUR ? 1 : 0;
    const group = groups.get(key);
    if (group !== undefined) {
      group.count++;
      group.oldest = Math.min(group.oldest, timestamp);
      group.newest = Math.max(group.newest, timestamp);
      group.lastHour += recent;
      return;
    }
    groups.set(key, {
      topic,
      reason: full ? undefined : info?.reason,
      category: full ? 'Unknown' : category,
      fingerprint: full ? OTHERS : letter.fingerprint,
      count: 1,
      oldest: timestamp,
      newest: timestamp,
      lastHour: recent,
      example: atOf(letter),
      error: { name: info?.error.name, message: info?.error.message },
    });
  }

  /** Of a topic, or of all; the largest first. */
  groups(topic?: string): DeadLetterGroup[] {
    const asked = topic === undefined ? [...this.#topics.values()] : [this.#topics.get(topic) ?? new Map()];
    return asked.flatMap((groups) => [...groups.values()]).sort((a, b) => b.count - a.count);
  }
}
