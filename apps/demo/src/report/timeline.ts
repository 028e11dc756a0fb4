/** What is counted over time. */
export const SERIES = ['produced', 'handled', 'retried', 'deadLettered'] as const;
export type Series = (typeof SERIES)[number];

/** A time during which something was out of order on purpose. */
export interface Outage {
  readonly label: string;
  /** Milliseconds since the start of the run. */
  readonly from: number;
  readonly to: number;
}

/** Events within one bin of time. */
interface TimelineBin extends Readonly<Record<Series, number>> {
  /** Milliseconds since the start of the run. */
  readonly from: number;
}

export interface TimelineSnapshot {
  /** Milliseconds. */
  readonly binWidth: number;
  readonly bins: readonly TimelineBin[];
  readonly outages: readonly Outage[];
  /** Milliseconds from the start to now. */
  readonly duration: number;
}

/** Counts events in bins of time, and keeps the times of the outages. */
export class Timeline {
  private readonly start: number;
  private readonly counts = new Map<number, Record<Series, number>>();
  private readonly outages: { label: string; from: number; to: number | undefined }[] = [];

  constructor(
    private readonly now: () => number = () => performance.now(),
    /** Milliseconds. */
    private readonly binWidth = 250,
  ) {
    this.start = now();
  }

  /** Milliseconds since the start of the run. */
  get elapsed(): number {
    return this.now() - this.start;
  }

  count(series: Series, events = 1): void {
    const index = Math.floor(this.elapsed / this.binWidth);
    const bin = this.counts.get(index) ?? emptyBin();
    bin[series] += events;
    this.counts.set(index, bin);
  }

  /** Starts an outage; call what it returns when it is over. */
  outage(label: string): () => void {
    const outage: { label: string; from: number; to: number | undefined } = {
      label,
      from: this.elapsed,
      to: undefined,
    };
    this.outages.push(outage);
    return () => {
      outage.to ??= this.elapsed;
    };
  }

  /** Without gaps: a bin in which nothing happened holds zeros. */
  snapshot(): TimelineSnapshot {
    const duration = this.elapsed;
    const bins = Array.from({ length: Math.ceil(duration / this.binWidth) }, (_, index) => ({
      from: index * this.binWidth,
      ...(this.counts.get(index) ?? emptyBin()),
    }));
    const outages = this.outages.map(({ label, from, to }) => ({ label, from, to: to ?? duration }));
    return { binWidth: this.binWidth, bins, outages, duration };
  }
}

function emptyBin(): Record<Series, number> {
  return { produced: 0, handled: 0, retried: 0, deadLettered: 0 };
}
