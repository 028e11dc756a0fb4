/** How many handlers may run at once in one consumer. Partitions that wait for their turn take it one after the other. */
export class SharedSlots {
  #free: number;
  /** With handlers that wait, and room of their own; the next one first. */
  readonly #waiting = new Set<LaneSlots>();
  #sharing = false;

  /** @param atOnce `Infinity`: no limit */
  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** Whether there is a limit. */
  get limited(): boolean {
    return this.#free !== Number.POSITIVE_INFINITY;
  }

  /** Takes one, if one is free that nobody waits for. */
  take(): boolean {
    if (this.#free <= 0) return false;
    this.#free--;
    return true;
  }

  /** One is free again. */
  give(): void {
    this.#free++;
    this.#share();
  }

  /** The lane has a handler that waits, and room of its own. */
  wait(lane: LaneSlots): void {
    this.#waiting.add(lane);
    this.#share();
  }

  forget(lane: LaneSlots): void {
    this.#waiting.delete(lane);
  }

  /** One to each in turn: a lane that wants more stands at the end of the row again. */
  #share(): void {
    if (this.#sharing) return;
    this.#sharing = true;
    for (const lane of this.#waiting) {
      if (this.#free <= 0) break;
      this.#waiting.delete(lane);
      if (lane.begin()) this.#free--;
    }
    this.#sharing = false;
  }
}

/** How many handlers of one partition may run at once, and which of those that wait begins next: the one that came first. */
export class LaneSlots {
  readonly #shared: SharedSlots;
  #free: number;
  #waiting: ((granted: boolean) => void)[] = [];
  #closed = false;

  constructor(atOnce: number, shared: SharedSlots) {
    this.#free = atOnce;
    this.#shared = shared;
  }

  /** Takes one, if one is free that nobody waits for. */
  take(): boolean {
    if (this.#free <= 0 || this.#waiting.length > 0 || this.#closed || !this.#shared.take()) return false;
    this.#free--;
    return true;
  }

  /** Resolves when one is taken; with false when there will be none any more. */
  turn(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (this.take()) return Promise.resolve(true);
    const turn = new Promise<boolean>((resolve) => this.#waiting.push(resolve));
    this.#wait();
    return turn;
  }

  /** The handler has ended, or waits for its next attempt. */
  give(): void {
    this.#free++;
    this.#shared.give();
    this.#wait();
  }

  /** A slot of the consumer may be taken. @returns whether it was */
  begin(): boolean {
    const next = this.#free > 0 ? this.#waiting.shift() : undefined;
    if (next === undefined) return false;
    this.#free--;
    this.#wait();
    next(true);
    return true;
  }

  /** Nothing begins any more. */
  close(): void {
    this.#closed = true;
    this.#shared.forget(this);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(false);
  }

  #wait(): void {
    if (this.#free > 0 && this.#waiting.length > 0) this.#shared.wait(this);
  }
}
