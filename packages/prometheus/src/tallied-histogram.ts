import { Histogram, type HistogramConfiguration } from 'prom-client';

type Labels = Readonly<Record<string, string>>;
type Values = Awaited<ReturnType<Histogram['get']>>;

/** One series of a histogram, which costs some ns a value: prom-client's own takes more than 1 us to find it by its labels. */
export class TalliedSeries {
  readonly labels: Labels;
  readonly #bounds: readonly number[];
  /** Not cumulated; the last one is beyond all bounds. */
  #counts: number[];
  #sum = 0;

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels;
    this.#bounds = bounds;
    this.#counts = zeros(bounds);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at++;
    (this.#counts[at] as number)++;
    this.#sum += value;
  }

  reset(): void {
    this.#counts = zeros(this.#bounds);
    this.#sum = 0;
  }

  /** As prom-client's `Histogram.get` gives them. */
  values(name: string): Values['values'] {
    let count = 0;
    const buckets = [...this.#bounds, '+Inf'].map((le, i) => {
      count += this.#counts[i] as number;
      return { metricName: `${name}_bucket`, labels: { le, ...this.labels }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels: { ...this.labels }, value: this.#sum },
      { metricName: `${name}_count`, labels: { ...this.labels }, value: count },
    ];
  }
}

/** A histogram whose series are held by whoever measures, for what is measured a hundred thousand times a second. */
export class TalliedHistogram extends Histogram {
  readonly #config: HistogramConfiguration<string>;
  readonly #series = new Map<string, TalliedSeries>();

  constructor(config: HistogramConfiguration<string>) {
    super(config);
    this.#config = config;
  }

  /** The one with these labels, which must be all that the histogram has. */
  series(labels: Labels): TalliedSeries {
    const key = JSON.stringify(labels);
    const series = this.#series.get(key) ?? new TalliedSeries(labels, this.#config.buckets ?? []);
    this.#series.set(key, series);
    return series;
  }

  override async get(): Promise<Values> {
    const { name, help, aggregator = 'sum' } = this.#config;
    const values = [...this.#series.values()].flatMap((series) => series.values(name));
    // As prom-client's own: its types ask for a `collect` that these have not, and for a type that is no word.
    return { name, help, aggregator, type: 'histogram', values } as unknown as Values;
  }

  /** Which the registry calls where it is there. */
  getForPromString(): Promise<Values> {
    return this.get();
  }

  override reset(): void {
    super.reset();
    // prom-client's constructor calls this before there are fields.
    if (#series in this) for (const series of this.#series.values()) series.reset();
  }
}

function zeros(bounds: readonly number[]): number[] {
  return new Array<number>(bounds.length + 1).fill(0);
}
