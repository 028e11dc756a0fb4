/** What must be undone at the end, in the opposite order; one failure does not keep the others from it. */
export class Cleanup {
  private readonly steps: (() => unknown)[] = [];

  defer(step: () => unknown): void {
    this.steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch {
        // The run's own result or error is what counts by now.
      }
    }
  }
}
