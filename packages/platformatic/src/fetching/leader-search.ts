import type { Cluster } from '../connection/cluster.js';

/** ms. Between two questions. */
const PAUSE = 300;
/** ms. After an answer: what it says may be old. */
const AFTER_ANSWER = 100;

/** Asks who leads what; one question at a time, and not again and again. */
export class LeaderSearch {
  readonly #cluster: Cluster;
  readonly #topics: () => ReadonlySet<string>;
  #asking = false;
  /** By `performance.now()`. */
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(cluster: Cluster, topics: () => ReadonlySet<string>) {
    this.#cluster = cluster;
    this.#topics = topics;
  }

  /** When to look again at what leads, ms; undefined: somebody else is told. Never rejects. */
  async ask(): Promise<number | undefined> {
    const now = performance.now();
    if (this.#asking) return undefined;
    if (now < this.#askedAt + PAUSE) return this.#askedAt + PAUSE - now;
    this.#asking = true;
    this.#askedAt = now;
    await this.#cluster.describe([...this.#topics()]).catch(() => {});
    this.#asking = false;
    return AFTER_ANSWER;
  }
}
