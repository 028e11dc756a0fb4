/** One fault, and how it is undone. */
export interface Fault {
  /** The share of all films (0 to 1) at whose production it begins. */
  readonly beginsAt: number;
  /** Resolves when the fault is over. */
  run(): Promise<void>;
}

/** Starts each fault once, when the production has come as far. */
export class FaultPlan {
  private readonly ahead: Fault[];
  private readonly running: Promise<void>[] = [];

  constructor(faults: readonly Fault[]) {
    this.ahead = [...faults].sort((a, b) => a.beginsAt - b.beginsAt);
  }

  /** `progress`: the share of all films that is about to be produced. */
  reached(progress: number): void {
    while (this.ahead[0] !== undefined && progress >= this.ahead[0].beginsAt) {
      const fault = this.ahead.shift() as Fault;
      const run = fault.run();
      run.catch(() => {}); // told by over()
      this.running.push(run);
    }
  }

  /** Resolves when all faults that have begun are over; rejects with what made one fail. */
  async over(): Promise<void> {
    await Promise.all(this.running);
  }
}
