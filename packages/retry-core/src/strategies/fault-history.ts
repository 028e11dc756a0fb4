/** Faults remembered. */
const SIZE = 32;

/** Fewer are no ground for a forecast. */
const LEAST = 5;

/** What the next fault will be like, in logarithms of milliseconds. */
export interface Forecast {
  readonly mean: number;
  readonly spread: number;
}

/**
 * How long the last faults lasted, in a circular buffer, and a linear regression over them. It works on logarithms:
 * faults differ by factors, not by milliseconds.
 */
export class FaultHistory {
  /** Undefined with too little history. */
  forecast: Forecast | undefined = undefined;
  /** Faults in a row that were over after the first wait, so that nothing tells whether less would have done. */
  early = 0;
  private readonly logs = new Float64Array(SIZE);
  private count = 0;

  /** @param ms how long a fault lasted, more than 0 */
  add(ms: number): void {
    this.logs[this.count++ % SIZE] = Math.log(ms);
    if (this.count >= LEAST) this.forecast = this.regress();
  }

  /** Least squares of the logarithms over the number of the fault, extended to the next. */
  private regress(): Forecast {
    const n = Math.min(this.count, SIZE);
    const middle = (n - 1) / 2;
    const ys = Array.from({ length: n }, (_, x) => this.logs[(this.count - n + x) % SIZE] as number);
    const mean = ys.reduce((sum, y) => sum + y) / n;
    const sxx = (n * (n * n - 1)) / 12;
    const slope = ys.reduce((sum, y, x) => sum + (x - middle) * (y - mean), 0) / sxx;
    const variance = (slope: number): number =>
      ys.reduce((sum, y, x) => sum + (y - mean - slope * (x - middle)) ** 2, 0) / (n - 2);
    // A slope within two standard errors is noise, a steeper one is trusted in part: else few faults would be
    // extended to absurd forecasts.
    const doubt = (4 * variance(slope)) / sxx;
    const trend = slope * slope > doubt ? slope - doubt / slope : 0;
    return { mean: mean + trend * (n - middle), spread: Math.sqrt(variance(trend)) };
  }
}
