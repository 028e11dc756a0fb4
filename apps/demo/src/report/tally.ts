import { fitsIdentity } from '../films/identity.js';

/** Lost identities that are kept to be shown. */
const KEPT_LOST = 10;

const IN_SOURCE = 1;
const IN_OUTPUT = 2;
const IN_DEAD_LETTERS = 4;

/** Films that were dead-lettered for one reason. */
export interface DeadLetterReason {
  readonly reason: string;
  readonly films: number;
  /** The first one met. */
  readonly example: string;
}

/** What the topics hold, counted by the films' own identities. */
export interface TallyResult {
  /** Films in the source topic. */
  readonly produced: number;
  /** Of them, those in the output topic. */
  readonly handled: number;
  /** Of them, those in the dead-letter topic and not in the output topic. */
  readonly deadLettered: number;
  readonly lost: number;
  /** The identities of the first ten. */
  readonly firstLost: readonly string[];
  /** Records beyond the first of a film, which at-least-once allows. */
  readonly duplicates: { readonly source: number; readonly output: number; readonly deadLetters: number };
  /** Films that are in the output and in the dead-letter topic. */
  readonly inBoth: number;
  /** Records whose identity the source topic does not hold. */
  readonly strangers: number;
  /** Records whose bytes no longer fit their identity. */
  readonly spoiled: number;
  readonly deadLetterReasons: readonly DeadLetterReason[];
}

/** Why a record stands in the dead-letter topic, as its headers say. */
export interface DeadLetterNote {
  readonly reason: string;
  readonly example: string;
}

/** Counts the records of the three topics; the order in which they come does not matter. */
export class Tally {
  private readonly films = new Map<string, number>();
  private readonly notes = new Map<string, DeadLetterNote>();
  private readonly duplicates = { source: 0, output: 0, deadLetters: 0 };
  private spoiled = 0;

  /** A record of the source topic: the film's bytes as they were sent. */
  source(identity: string, bytes: Uint8Array): void {
    this.mark(identity, IN_SOURCE, 'source');
    this.check(identity, bytes);
  }

  /** A record of the output topic; `identityInside` is the one in its value. */
  output(identity: string, identityInside: unknown): void {
    this.mark(identity, IN_OUTPUT, 'output');
    if (identityInside !== identity) this.spoiled++;
  }

  /** A record of the dead-letter topic: the film's bytes must be as they were. */
  deadLetter(identity: string, bytes: Uint8Array, note: DeadLetterNote): void {
    this.mark(identity, IN_DEAD_LETTERS, 'deadLetters');
    this.check(identity, bytes);
    if (!this.notes.has(identity)) this.notes.set(identity, note);
  }

  result(): TallyResult {
    let produced = 0;
    let handled = 0;
    let deadLettered = 0;
    let inBoth = 0;
    let strangers = 0;
    const firstLost: string[] = [];
    for (const [identity, marks] of this.films) {
      if ((marks & IN_SOURCE) === 0) {
        strangers++;
        continue;
      }
      produced++;
      if (marks & IN_OUTPUT) {
        handled++;
        if (marks & IN_DEAD_LETTERS) inBoth++;
      } else if (marks & IN_DEAD_LETTERS) deadLettered++;
      else if (firstLost.length < KEPT_LOST) firstLost.push(identity);
    }
    return {
      produced,
      handled,
      deadLettered,
      lost: produced - handled - deadLettered,
      firstLost,
      duplicates: { ...this.duplicates },
      inBoth,
      strangers,
      spoiled: this.spoiled,
      deadLetterReasons: this.reasons(),
    };
  }

  private mark(identity: string, mark: number, topic: keyof typeof this.duplicates): void {
    const marks = this.films.get(identity) ?? 0;
    if (marks & mark) this.duplicates[topic]++;
    this.films.set(identity, marks | mark);
  }

  private check(identity: string, bytes: Uint8Array): void {
    if (!fitsIdentity(identity, bytes)) this.spoiled++;
  }

  /** The most frequent first; the example is the film that stands first in the input. */
  private reasons(): DeadLetterReason[] {
    const reasons = new Map<string, { reason: string; films: number; example: string }>();
    const inOrder = [...this.notes].sort(([a], [b]) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
    for (const [identity, { reason, example }] of inOrder) {
      if ((this.films.get(identity) ?? 0) & IN_OUTPUT) continue;
      const entry = reasons.get(reason) ?? { reason, films: 0, example };
      entry.films++;
      reasons.set(reason, entry);
    }
    return [...reasons.values()].sort((a, b) => b.films - a.films || a.reason.localeCompare(b.reason));
  }
}

/** What does not add up, in words; empty where everything does. */
export function faultsOf(tally: TallyResult, recordsInInput: number): string[] {
  const faults: string[] = [];
  if (tally.produced !== recordsInInput) {
    faults.push(`the input has ${recordsInInput} records, the source topic holds ${tally.produced} of them`);
  }
  if (tally.lost !== 0)
    faults.push(`lost: ${tally.firstLost.join(', ')}${tally.lost > KEPT_LOST ? ', …' : ''}`);
  if (tally.spoiled > 0) faults.push(`${tally.spoiled} records do not fit their identity any more`);
  if (tally.strangers > 0) faults.push(`${tally.strangers} records belong to no film of the source topic`);
  return faults;
}

/** The last line of the demo. */
export function lastLine(tally: TallyResult): string {
  const { produced, handled, deadLettered, lost } = tally;
  return `${produced} produced, ${handled} handled, ${deadLettered} dead-lettered, ${lost} lost`;
}
