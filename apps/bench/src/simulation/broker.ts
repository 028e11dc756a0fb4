/** A time in which the broker is down, ms since the start. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

export interface BrokerOptions {
  /** Calls that it serves each second. */
  readonly capacity: number;
  /** A call that would wait longer than this is turned away, ms. */
  readonly patience: number;
  /** What turning a call away costs it, of serving one: a stampede slows down what it waits for. */
  readonly refusalCost: number;
}

/** When a call ends, and how. */
export interface Answer {
  readonly at: number;
  readonly served: boolean;
}

/** What a refused connection takes, ms. */
const REFUSAL = 2;

/** A broker that serves a bounded number of calls one after the other, and is down now and then. */
export class Broker {
  private busyUntil = 0;
  /** Of the outage that is, or comes next. */
  private next = 0;

  /** @param outages in the order of time */
  constructor(
    private readonly options: BrokerOptions,
    private readonly outages: readonly Outage[],
  ) {}

  /** Calls must come in the order of time. */
  call(now: number): Answer {
    const { capacity, patience, refusalCost } = this.options;
    while (now >= (this.outages[this.next]?.to ?? Infinity)) this.next++;
    const down = this.outages[this.next]?.from ?? Infinity;
    if (now >= down) return { at: now + REFUSAL, served: false };
    const service = 1_000 / capacity;
    const begin = Math.max(now, this.busyUntil);
    if (begin - now > patience) {
      this.busyUntil = begin + service * refusalCost;
      return { at: now + REFUSAL, served: false };
    }
    this.busyUntil = begin + service;
    // What it has not served when it goes down fails then.
    return this.busyUntil > down ? { at: down, served: false } : { at: this.busyUntil, served: true };
  }
}
