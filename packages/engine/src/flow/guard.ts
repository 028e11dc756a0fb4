import type { Failure } from '../failures/failure.js';
import type { GuardLimits } from '../plan/flow.js';
import { commonestError } from './commonest-error.js';

/** A record that was about to be given up. */
interface Mark {
  /** By the clock's `now`, ms. */
  readonly at: number;
  /** Records of the source that had succeeded by then. */
  readonly succeeded: number;
  readonly name: string;
  readonly message: string;
}

/** What has tripped a guard. */
export interface Trip {
  /** Records that were about to be given up, the one that is held included, and how long that took, ms. */
  readonly deadLetters: number;
  readonly time: number;
  /** Of all that have ended meanwhile, 0 to 1. */
  readonly share: number;
  /** What most of them have in common, for people. */
  readonly commonest: string;
}

type Counted = Pick<GuardLimits, 'deadLetters' | 'share' | 'within'>;

/**
 * Looks at the last `deadLetters` records of a source that were about to be given up: were they so many in so short a time, and so large
 * a share of all that ended? Those before the last one are gone, so that `deadLetters` less one is the most that it lets through.
 * A success costs it nothing: whoever asks counts them.
 */
export class Guard {
  readonly #limits: Counted;
  #marks: Mark[] = [];

  constructor(limits: Counted) {
    this.#limits = limits;
  }

  /** One more is about to be given up. @returns what has tripped it, if that was one too many */
  look(at: number, succeeded: number, { name, message }: Failure): Trip | undefined {
    const { deadLetters, share, within } = this.#limits;
    this.#marks.push({ at, succeeded, name, message });
    if (this.#marks.length > deadLetters) this.#marks.shift();
    const [first] = this.#marks;
    if (first === undefined || this.#marks.length < deadLetters || at - first.at > within) return undefined;
    const found = deadLetters / (deadLetters + succeeded - first.succeeded);
    if (found < share) return undefined;
    return { deadLetters, time: at - first.at, share: found, commonest: commonestError(this.#marks) };
  }

  /** What was counted so far counts no more. */
  reset(): void {
    this.#marks = [];
  }
}
