// Shown by "a partition without a leader" of the binding suite (testkit, binding/suites/leaderless.ts).
/**
 * node-rdkafka's calls wait in libuv's thread pool, which has 4 threads at its default: this leaves one for everybody
 * else, `fs` and DNS among them.
 */
const MAX_THREADS = 3;

/** Lets calls that wait in a thread run a few at a time, in the order they come. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #free = MAX_THREADS;

  async run<T>(call: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
