import { type Clock, foreignMessage, formatDuration } from '@velo/retry-core';
import type { LogEntry, LogFields } from '../plan/config.js';
import type { FieldLogger } from '../plan/safe-logger.js';

/** ms. What comes oftener is left out, and counted. */
const SELDOM = 60_000;

/** Kinds within a minute; beyond that, those of one event are one kind. */
const MAX_KINDS = 50;

interface Kind {
  /** The latest that was left out. */
  latest: LogEntry | undefined;
  leftOut: number;
  cancel: () => void;
}

/** Logs each kind of thing at once, then once a minute at most: the latest of it, with how many were left out. */
export class SeldomLog {
  readonly #logger: FieldLogger;
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  #closed = false;

  constructor(logger: FieldLogger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /**
   * @param event the first word of what is alike
   * @param about its other words: of two that differ each is told at once
   */
  tell(
    event: string,
    about: readonly unknown[],
    level: LogEntry['level'],
    message: string,
    fields: LogFields,
  ): void {
    const name = this.#kinds.size < MAX_KINDS ? [event, ...about.map(alike)].join(' ') : event;
    const kind = this.#kinds.get(name);
    if (kind === undefined) {
      this.#logger[level](message, fields);
      if (!this.#closed) this.#begin(name);
      return;
    }
    if (kind.latest !== undefined) kind.leftOut++;
    kind.latest = { level, message, fields };
  }

  /** Tells what was left out so far, and leaves no timer. */
  close(): void {
    this.#closed = true;
    for (const [name, { cancel }] of this.#kinds) {
      cancel();
      this.#end(name);
    }
  }

  #begin(name: string): void {
    const cancel = this.#clock.schedule(SELDOM, () => {
      if (this.#end(name)) this.#begin(name);
    });
    this.#kinds.set(name, { latest: undefined, leftOut: 0, cancel });
  }

  /** @returns whether something was told */
  #end(name: string): boolean {
    const { latest, leftOut } = this.#kinds.get(name) as Kind;
    this.#kinds.delete(name);
    if (latest === undefined) return false;
    const { level, message, fields } = latest;
    if (leftOut === 0) this.#logger[level](message, fields);
    else
      this.#logger[level](`${message} ${leftOut} like this were left out within ${formatDuration(SELDOM)}.`, {
        ...fields,
        leftOut,
      });
    return true;
  }
}

/** Of an error its text without numbers, which differ from one to the next. */
function alike(about: unknown): string {
  return typeof about === 'string' ? about : foreignMessage(about, 100).replace(/\d+/g, '#');
}
