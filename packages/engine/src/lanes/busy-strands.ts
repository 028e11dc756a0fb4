/** One that belongs to a strand, or to none. */
interface OfStrand {
  readonly strand: string | undefined;
}

/** Strands with records under way, and those that wait behind them, in the order they came. */
export class BusyStrands<T extends OfStrand> {
  readonly #busy = new Map<string, { under: number; behind: T[] }>();

  /** How many wait. */
  get waiting(): number {
    return [...this.#busy.values()].reduce((sum, { behind }) => sum + behind.length, 0);
  }

  has({ strand }: T): boolean {
    return strand !== undefined && this.#busy.has(strand);
  }

  /** It is under way. */
  begin({ strand }: T): void {
    if (strand === undefined) return;
    const busy = this.#busy.get(strand);
    if (busy === undefined) this.#busy.set(strand, { under: 1, behind: [] });
    else busy.under++;
  }

  /** It waits, if its strand is busy. @returns false: its strand is free */
  follow(one: T): boolean {
    const busy = one.strand === undefined ? undefined : this.#busy.get(one.strand);
    busy?.behind.push(one);
    return busy !== undefined;
  }

  /** It has ended. @returns those who waited, if it was the last of its strand that was under way; `undefined` if not, or if it has none */
  end({ strand }: T): readonly T[] | undefined {
    const busy = strand === undefined ? undefined : this.#busy.get(strand);
    if (busy === undefined || --busy.under > 0) return undefined;
    this.#busy.delete(strand as string);
    return busy.behind;
  }

  /** Lets go of all who wait. */
  letGo(): readonly T[] {
    return [...this.#busy.values()].flatMap(({ behind }) => behind.splice(0));
  }
}
