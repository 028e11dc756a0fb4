import type { ConsumeResult, ConsumeTask } from './task.js';

/** Counts records that were handled; the clocks run from the end of the warm-up to the last one. */
export class Counter {
  readonly done: Promise<ConsumeResult>;
  private handled = 0;
  private startedAt = 0;
  private cpuAtStart: NodeJS.CpuUsage | undefined = undefined;
  private finish: (result: ConsumeResult) => void = () => {};

  constructor(private readonly task: Pick<ConsumeTask, 'records' | 'warmUp'>) {
    this.done = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  /** A record was handled for good. */
  count(): void {
    this.handled++;
    if (this.handled === this.task.warmUp) {
      this.startedAt = performance.now();
      this.cpuAtStart = process.cpuUsage();
    }
    if (this.handled === this.task.records) this.finish(this.result());
  }

  private result(): ConsumeResult {
    const records = this.task.records - this.task.warmUp;
    const seconds = (performance.now() - this.startedAt) / 1_000;
    const { user, system } = process.cpuUsage(this.cpuAtStart);
    return { perSecond: records / seconds, perCpuSecond: records / ((user + system) / 1e6) };
  }
}
