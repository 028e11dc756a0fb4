import type { Contact, OverdueAnswer } from './binding.js';
import { isTooLate } from './client-errors.js';

/** ms. A connection that failed and was not tried again for so long is one that the client needs no longer. */
const FORGOTTEN_AFTER = 15_000;

/** One connection to a broker, as a member uses it. */
export interface Line {
  readonly broker: string;
  /** When each answer is due that has not come yet. */
  readonly due: Set<{ readonly at: number }>;
  /** Its last failure, if it has not answered since. */
  failing: LineFailure | undefined;
  triedAt: number;
}

export interface LineFailure {
  readonly since: number;
  lastAt: number;
  refused: boolean;
}

export interface LineErrors {
  /** The broker has answered, if only to refuse. */
  readonly isAnswer: (error: unknown) => boolean;
  /** The connection was refused, or closed at once. */
  readonly isRefusal: (error: unknown) => boolean;
}

/** Which brokers answer a member, by what comes of each request. Times are of `performance.now()`, ms. */
export class BrokerLines<L extends Line> {
  readonly #errors: LineErrors;
  readonly #create: (broker: string) => L;
  readonly #lines = new Map<string, L>();
  /** By broker: what failed last, if it has not answered since. */
  readonly #failures = new Map<string, unknown>();
  #answeredAt: number | undefined;

  constructor(errors: LineErrors, create: (broker: string) => L) {
    this.#errors = errors;
    this.#create = create;
  }

  get facts(): Contact {
    const now = performance.now();
    const overdue: OverdueAnswer[] = [];
    for (const { broker, due, failing, triedAt } of this.#lines.values()) {
      const error = this.#failures.get(broker);
      const add = (at: number, refused: boolean) => {
        if (now > at) overdue.push({ from: `broker ${broker}`, time: now - at, refused, error });
      };
      if (failing !== undefined && (due.size > 0 || now - triedAt < FORGOTTEN_AFTER))
        add(failing.since, failing.refused);
      for (const { at } of due) add(at, false);
    }
    return { sinceAnswer: this.#answeredAt && now - this.#answeredAt, overdue };
  }

  /** @param name of the connection, among those to the same broker */
  line(broker: string, name: number | string): L {
    const key = `${broker} ${name}`;
    const line = this.#lines.get(key) ?? this.#create(broker);
    this.#lines.set(key, line);
    return line;
  }

  /** @param wait ms, Infinity for what has no time; @param connecting is no answer of a broker yet */
  async attempt<T>(line: L, wait: number, run: () => Promise<T>, connecting = false): Promise<T> {
    const begin = performance.now();
    const answer = { at: begin + wait };
    line.triedAt = begin;
    if (wait !== Number.POSITIVE_INFINITY) line.due.add(answer);
    try {
      const result = await run();
      if (!connecting) this.#answered(line);
      return result;
    } catch (error) {
      // A refusal is an answer.
      if (this.#errors.isAnswer(error)) this.#answered(line);
      else {
        fail(line, begin, this.#errors.isRefusal(error));
        // That it is late is told anyway.
        if (!isTooLate(error)) this.#failures.set(line.broker, error);
      }
      throw error;
    } finally {
      line.due.delete(answer);
    }
  }

  #answered(line: L): void {
    line.failing = undefined;
    this.#failures.delete(line.broker);
    this.#answeredAt = performance.now();
  }
}

/**
 * What began before the last failure ends with the same connection: velo drops a silent one itself, so it counts as
 * one failure.
 */
function fail(line: Line, begin: number, refused: boolean): void {
  line.failing ??= { since: begin, lastAt: 0, refused: false };
  const { failing } = line;
  if (!refused) failing.refused = false;
  else if (begin >= failing.lastAt) failing.refused = true;
  failing.lastAt = performance.now();
}

export function newLine(broker: string): Line {
  return { broker, due: new Set(), failing: undefined, triedAt: 0 };
}
