import { BrokerLines, type Contact, type Line, newLine, readProperty } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { brokerCode } from '../errors.js';
import { GROUP_REQUESTS } from '../quirks/held-behind-joins.js';
import { type PrivateRequest, withConnections } from '../quirks/private-cluster.js';

/** ms. Brokers throttle for 11 s at most, at their defaults (`quota.window.num` of 1 s). */
const MAX_THROTTLE = 12_000;

/** kafkajs has two to each broker. */
interface KafkaJsLine extends Line {
  throttledUntil: number;
  /** How many answers of the whole group are awaited: nothing else is sent meanwhile. */
  joins: number;
}

/** Which brokers answer a member. Times are of `performance.now()`, ms. */
export class BrokerContact {
  readonly #lines = new BrokerLines<KafkaJsLine>(
    { isAnswer: (error) => brokerCode(error) !== undefined, isRefusal },
    (broker) => ({ ...newLine(broker), throttledUntil: 0, joins: 0 }),
  );

  /** The same kafkajs, whose requests are watched. */
  watch(kafka: KafkaJs): KafkaJs {
    const lines = this.#lines;
    return withConnections(kafka, (connection, index) => {
      const { connect, send, requestQueue, broker = '' } = connection;
      const line = lines.line(broker, index);
      const throttle = requestQueue?.maybeThrottle?.bind(requestQueue);
      if (requestQueue !== undefined && throttle !== undefined)
        requestQueue.maybeThrottle = (time) => {
          if (typeof time === 'number')
            line.throttledUntil = performance.now() + Math.min(time, MAX_THROTTLE);
          throttle(time);
        };
      if (connect !== undefined)
        connection.connect = () => lines.attempt(line, 0, () => connect.call(connection), true);
      if (send !== undefined)
        connection.send = (given) => {
          if (!GROUP_REQUESTS.has(given.request?.apiName ?? ''))
            return lines.attempt(line, waitOf(given, line), () => send.call(connection, given));
          line.joins++;
          return lines
            .attempt(line, Number.POSITIVE_INFINITY, () => send.call(connection, given))
            .finally(() => line.joins--);
        };
    });
  }

  get facts(): Contact {
    return this.#lines.facts;
  }
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
function waitOf({ request, requestTimeout }: PrivateRequest, { throttledUntil, joins }: KafkaJsLine): number {
  if (joins > 0) return Number.POSITIVE_INFINITY;
  const throttled = Math.max(0, throttledUntil - performance.now());
  return throttled + (request?.apiName === 'Fetch' ? (requestTimeout ?? 0) : 0);
}
