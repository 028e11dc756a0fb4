import type { OutgoingRecord, PublishOutcome } from '../binding/binding.js';
import { ledgerTopic } from '../plan/topic-names.js';
import { ledgerKey, writeLedgerEntry } from './ledger-entry.js';
import type { Letter } from './letter.js';
import type { Scene, Survey } from './survey.js';
import type { DeadLetterEvent } from './types.js';
import type { Job } from './writing.js';

/** What is done with a dead letter. */
export type Verdict = { readonly kind: 'job'; readonly job: Job } | { readonly kind: 'pass' };

/** What a run does with the dead letters that it comes to, and what it counts. */
export interface Task {
  /** How many copies may go in the next batch. */
  readonly atOnce: number;
  /** @param refusal the brokers' answer to its copy, where they have refused it */
  judge(letter: Letter, refusal: unknown): Promise<Verdict>;
  /** Whether a topic takes none of these copies, nor others; then it gets no more. */
  closes(copies: readonly OutgoingRecord[], error: unknown): Promise<boolean>;
  /** It is written down. @returns as what */
  settled(letter: Letter, end: PublishOutcome): DeadLetterEvent['action'];
  /** It is left as it is. */
  passed(letter: Letter): void;
  /** Asked after each batch. */
  goesOn(): Promise<boolean>;
  /** Told after each batch, and while nothing but reading goes on. */
  progress(read: { readonly scanned: number; readonly total: number }): void;
}

/** Writes the entries of one run. */
export class Entries {
  readonly #run: string;
  readonly #scene: Scene;
  readonly #survey: Survey;
  /** The partitions of the ledger of each topic of dead letters. */
  readonly #ledgers: ReadonlyMap<string, number>;

  constructor(run: string, scene: Scene, survey: Survey, ledgers: ReadonlyMap<string, number>) {
    this.#run = run;
    this.#scene = scene;
    this.#survey = survey;
    this.#ledgers = ledgers;
  }

  of(
    letter: Letter,
    action: DeadLetterEvent['action'],
    facts: Pick<DeadLetterEvent, 'to' | 'note' | 'error'>,
  ): OutgoingRecord {
    const { topic, partition, timestamp } = letter;
    const value = writeLedgerEntry({
      action,
      at: Math.floor(this.#scene.clock.wallTime()),
      run: this.#run,
      written: timestamp,
      topicId: this.#survey.topicIds.get(topic),
      ...facts,
    });
    return {
      topic: ledgerTopic(topic),
      partition: partition % (this.#ledgers.get(topic) ?? 1),
      key: ledgerKey(letter),
      value,
      headers: [],
    };
  }
}
