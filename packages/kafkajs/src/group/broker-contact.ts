import { type Contact, type OverdueAnswer, readProperty } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { brokerCode } from '../errors.js';
import { GROUP_REQUESTS } from '../quirks/held-behind-joins.js';
import { type PrivateConnection, type PrivateRequest, withConnections } from '../quirks/private-cluster.js';

/** ms. A connection that failed and was not tried again for so long is one that kafkajs needs no longer. */
const FORGOTTEN_AFTER = 15_000;
/** ms. Brokers throttle for 11 s at most, at their defaults (`quota.window.num` of 1 s). */
const MAX_THROTTLE = 12_000;

/** One connection: kafkajs has two to each broker. */
interface Line {
  readonly broker: string;
  /** When each answer is due that has not come yet. */
  readonly due: Set<{ readonly at: number }>;
  /** Its last failure, if it has not answered since. */
  failing: Failing | undefined;
  triedAt: number;
  throttledUntil: number;
  /** How many answers of the whole group are awaited: nothing else is sent meanwhile. */
  joins: number;
}

interface Failing {
  readonly since: number;
  lastAt: number;
  refused: boolean;
}

/** Which brokers answer a member. Times are of `performance.now()`, ms. */
export class BrokerContact {
  readonly #lines = new Map<string, Line>();
  #answeredAt: number | undefined;

  /** The same kafkajs, whose requests are watched. */
  watch(kafka: KafkaJs): KafkaJs {
    return withConnections(kafka, (connection, index) => {
      const { connect, send, requestQueue } = connection;
      const line = this.#line(connection, index);
      const throttle = requestQueue?.maybeThrottle?.bind(requestQueue);
      if (requestQueue !== undefined && throttle !== undefined)
        requestQueue.maybeThrottle = (time) => {
          if (typeof time === 'number')
            line.throttledUntil = performance.now() + Math.min(time, MAX_THROTTLE);
          throttle(time);
        };
      if (connect !== undefined)
        connection.connect = () => this.#attempt(line, 0, () => connect.call(connection), true);
      if (send !== undefined)
        connection.send = (given) => {
          if (!GROUP_REQUESTS.has(given.request?.apiName ?? ''))
            return this.#attempt(line, waitOf(given, line), () => send.call(connection, given));
          line.joins++;
          return this.#attempt(line, Number.POSITIVE_INFINITY, () => send.call(connection, given)).finally(
            () => line.joins--,
          );
        };
    });
  }

  get facts(): Contact {
    const now = performance.now();
    const overdue: OverdueAnswer[] = [];
    for (const { broker, due, failing, triedAt } of this.#lines.values()) {
      const add = (at: number, refused: boolean) => {
        if (now > at) overdue.push({ from: `broker ${broker}`, time: now - at, refused });
      };
      if (failing !== undefined && (due.size > 0 || now - triedAt < FORGOTTEN_AFTER))
        add(failing.since, failing.refused);
      for (const { at } of due) add(at, false);
    }
    return { sinceAnswer: this.#answeredAt && now - this.#answeredAt, overdue };
  }

  #line({ broker = '' }: PrivateConnection, index: number): Line {
    const key = `${broker} ${index}`;
    const line = this.#lines.get(key) ?? {
      broker,
      due: new Set(),
      failing: undefined,
      triedAt: 0,
      throttledUntil: 0,
      joins: 0,
    };
    this.#lines.set(key, line);
    return line;
  }

  /** @param wait ms, Infinity for what has no time; @param connecting is no answer of a broker yet */
  async #attempt<T>(line: Line, wait: number, run: () => Promise<T>, connecting = false): Promise<T> {
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
      if (brokerCode(error) === undefined) fail(line, begin, error);
      else this.#answered(line);
      throw error;
    } finally {
      line.due.delete(answer);
    }
  }

  #answered(line: Line): void {
    line.failing = undefined;
    this.#answeredAt = performance.now();
  }
}

/**
 * What began before the last failure ends with the same connection: velo drops a silent one itself, so it counts as
 * one failure.
 */
function fail(line: Line, begin: number, error: unknown): void {
  line.failing ??= { since: begin, lastAt: 0, refused: false };
  const { failing } = line;
  if (!isRefusal(error)) failing.refused = false;
  else if (begin >= failing.lastAt) failing.refused = true;
  failing.lastAt = performance.now();
}

/** kafkajs has a code from Node where a socket fails; none where it has waited for one in vain. */
function isRefusal(error: unknown): boolean {
  const name = readProperty(error, 'name');
  return (
    name === 'KafkaJSConnectionClosedError' ||
    (name === 'KafkaJSConnectionError' && typeof readProperty(error, 'code') === 'string')
  );
}

/** How long a broker may take by itself, ms: a fetch waits for records, what is throttled or behind a join for its turn. */
function waitOf({ request, requestTimeout }: PrivateRequest, { throttledUntil, joins }: Line): number {
  if (joins > 0) return Number.POSITIVE_INFINITY;
  const throttled = Math.max(0, throttledUntil - performance.now());
  return throttled + (request?.apiName === 'Fetch' ? (requestTimeout ?? 0) : 0);
}
