import type { Outage } from './broker.js';

/** What one outage did. */
export interface OutageResult {
  /** ms that it lasted. */
  readonly length: number;
  /** ms from its end until no client was left whose last call had failed; Infinity if that never was. */
  readonly recovery: number;
  /** Calls that failed, from its beginning until all had recovered. */
  readonly wasted: number;
  /** Calls in the busiest 100 ms, from its end until all had recovered. */
  readonly peak: number;
  /** Operations that were given up because the budget was spent. */
  readonly givenUp: number;
}

/** ms in which calls are counted for the peak. */
export const WINDOW = 100;

/** Counts for one outage, until all clients have recovered. */
export class Tally {
  /** Clients whose last call failed. */
  private readonly failing: Uint8Array;
  private left = 0;
  private recoveredAt = Number.POSITIVE_INFINITY;
  private wasted = 0;
  private givenUp = 0;
  private window = -1;
  private inWindow = 0;
  private peak = 0;

  constructor(
    private readonly outage: Outage,
    clients: number,
  ) {
    this.failing = new Uint8Array(clients);
  }

  called(now: number): void {
    if (now < this.outage.to || !this.isOpen()) return;
    const window = Math.floor((now - this.outage.to) / WINDOW);
    this.inWindow = window === this.window ? this.inWindow + 1 : 1;
    this.window = window;
    if (this.inWindow > this.peak) this.peak = this.inWindow;
  }

  failed(client: number): void {
    if (!this.isOpen()) return;
    this.wasted++;
    if (this.failing[client] === 1) return;
    this.failing[client] = 1;
    this.left++;
  }

  gaveUp(): void {
    if (this.isOpen()) this.givenUp++;
  }

  served(client: number, now: number): void {
    if (now < this.outage.to || this.failing[client] === 0) return;
    this.failing[client] = 0;
    if (--this.left === 0 && this.isOpen()) this.recoveredAt = now;
  }

  private isOpen(): boolean {
    return this.recoveredAt === Number.POSITIVE_INFINITY;
  }

  result(): OutageResult {
    const { from, to } = this.outage;
    const { wasted, peak, givenUp } = this;
    return { length: to - from, recovery: this.recoveredAt - to, wasted, peak, givenUp };
  }
}
