import type { Clock } from '@velo/retry-core';
import type { PartitionOffset } from '../binding/binding.js';

/** A partition whose finished prefix can be committed. */
export interface Committable {
  /** What to commit now; `undefined` if nothing new may be committed. Called in the tick of the commit, once. */
  takeCommit(): PartitionOffset | undefined;
  committedUpTo(offset: number): void;
}

/** When something that has finished is committed. */
export interface CommitSchedule {
  /** Commits within the interval: more records may finish until then and join the commit. */
  later(committable: Committable): void;
  /** Commits at once, or nearly: no records are at hand that could still join the commit. */
  soon(committable: Committable): void;
}

export interface CommitterOptions {
  readonly commit: (offsets: readonly PartitionOffset[]) => Promise<void>;
  /** @param inARow how many have failed one after the other, this one among them */
  readonly onFailure: (error: unknown, inARow: number) => void;
  /** The longest wait from a finished record to its commit, ms. */
  readonly interval: number;
  readonly clock: Clock;
}

/** After a drain or a hand-off the commit comes so soon, ms. */
const SOON = 10;
/** Two commits are apart at least so long, ms: each costs the group's coordinator some 10 ms. */
const SPACING = 50;
/** The longest wait after failures, ms. */
const MAX_BACKOFF = 5_000;

/** Coalesces commits: by clock, sooner at the end of a drain, one at a time, never one a record. */
export class Committer implements CommitSchedule {
  readonly #options: CommitterOptions;
  readonly #dirty = new Set<Committable>();
  #timer: { readonly at: number; cancel(): void } | undefined;
  #running: Promise<void> | undefined;
  #lastCommit = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** A commit was to be made while another one was under way. */
  #overdue = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Whether the last commit failed. */
  get failing(): boolean {
    return this.#failures > 0;
  }

  /** Resolves when no commit is under way; `undefined` if none is. */
  quiet(): Promise<void> | undefined {
    return this.#running;
  }

  later(committable: Committable): void {
    this.#mark(committable, this.#options.clock.now() + this.#options.interval);
  }

  soon(committable: Committable): void {
    this.#mark(committable, Math.max(this.#options.clock.now() + SOON, this.#lastCommit + SPACING));
  }

  /** Commits all that is finished now; resolves when that was tried. Never rejects. */
  async flush(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#timer?.cancel();
    this.#timer = undefined;
    const offsets: PartitionOffset[] = [];
    const included: Committable[] = [];
    for (const committable of this.#dirty) {
      const offset = committable.takeCommit();
      if (offset === undefined) continue;
      offsets.push(offset);
      included.push(committable);
    }
    this.#dirty.clear();
    if (offsets.length === 0) {
      this.#failures = 0;
      return;
    }
    this.#running = this.#commit(included, offsets);
    await this.#running;
  }

  /**
   * A new member has joined. Earlier failures say nothing about its commits, which are late already, so they go at
   * once.
   */
  renew(): void {
    if (this.#failures === 0) return;
    this.#failures = 0;
    if (this.#dirty.size > 0) this.#schedule(this.#options.clock.now() + SOON);
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#dirty.clear();
  }

  async #commit(committables: readonly Committable[], offsets: readonly PartitionOffset[]): Promise<void> {
    try {
      await this.#options.commit(offsets);
      this.#failures = 0;
      committables.forEach((committable, i) => {
        committable.committedUpTo((offsets[i] as PartitionOffset).offset);
      });
    } catch (error) {
      this.#failures++;
      this.#options.onFailure(error, this.#failures);
      for (const committable of committables) this.#dirty.add(committable);
    }
    this.#running = undefined;
    const now = this.#options.clock.now();
    this.#lastCommit = now;
    const overdue = this.#overdue;
    this.#overdue = false;
    if (this.#dirty.size === 0) return;
    if (this.#failures > 0) {
      // What was to come sooner was to be another answer.
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#schedule(this.#backoff(now));
    } else if (overdue) void this.flush();
    else this.#schedule(now + this.#options.interval);
  }

  #mark(committable: Committable, at: number): void {
    this.#dirty.add(committable);
    this.#schedule(this.#failures > 0 ? this.#backoff(this.#options.clock.now()) : at);
  }

  #backoff(now: number): number {
    return now + Math.min(SPACING * 2 ** Math.min(this.#failures, 16), MAX_BACKOFF);
  }

  #schedule(at: number): void {
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.cancel();
    const cancel = this.#options.clock.schedule(Math.max(0, at - this.#options.clock.now()), () => {
      this.#timer = undefined;
      if (this.#running === undefined) void this.flush();
      else this.#overdue = true;
    });
    this.#timer = { at, cancel };
  }
}
