import { MAX_BATCH_RECORDS } from '../sending/record-writer.js';
import type { Letter } from './letter.js';
import type { Scene } from './survey.js';
import { Tally } from './tally.js';
import type { Entries, Task, Verdict } from './task.js';
import type { DeadLetterEvent, DiscardOptions } from './types.js';

export interface DiscardTaskOptions {
  readonly scene: Scene;
  readonly entries: Entries;
  readonly note: string;
  readonly onProgress: DiscardOptions['onProgress'];
}

/** Sets dead letters aside: nothing but the ledger's entries is written. */
export class DiscardTask implements Task {
  readonly #options: DiscardTaskOptions;
  readonly #tally: Tally;
  readonly atOnce = MAX_BATCH_RECORDS;
  discarded = 0;

  constructor(options: DiscardTaskOptions) {
    this.#options = options;
    this.#tally = new Tally(options.scene.clock.wallTime());
  }

  get counts() {
    return { discarded: this.discarded, groups: this.#tally.groups() };
  }

  async judge(letter: Letter): Promise<Verdict> {
    const { entries, note } = this.#options;
    return {
      kind: 'job',
      job: { letter, copy: undefined, entry: () => entries.of(letter, 'discarded', { note }) },
    };
  }

  async closes(): Promise<boolean> {
    return false;
  }

  settled(letter: Letter): DeadLetterEvent['action'] {
    this.discarded++;
    this.#tally.add(letter);
    return 'discarded';
  }

  passed(): void {}

  async goesOn(): Promise<boolean> {
    return true;
  }

  progress(read: { readonly scanned: number; readonly total: number }): void {
    this.#options.onProgress?.({ discarded: this.discarded, ...read });
  }
}
