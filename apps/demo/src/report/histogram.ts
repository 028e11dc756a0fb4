/** Counts of whole numbers: exact quantiles in memory that grows with the distinct values only. */
export class Histogram {
  private readonly counts = new Map<number, number>();
  count = 0;
  sum = 0;

  add(value: number): void {
    const whole = Math.round(value);
    this.counts.set(whole, (this.counts.get(whole) ?? 0) + 1);
    this.count++;
    this.sum += whole;
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  get max(): number {
    return this.quantile(1);
  }

  /** The smallest value that at least this share (0 to 1) of all values does not exceed; 0 where there is none. */
  quantile(share: number): number {
    let seen = 0;
    let last = 0;
    for (const [value, count] of this.entries()) {
      last = value;
      seen += count;
      if (seen >= share * this.count) break;
    }
    return last;
  }

  /** Ascending. */
  entries(): (readonly [value: number, count: number])[] {
    return [...this.counts].sort(([a], [b]) => a - b);
  }
}
