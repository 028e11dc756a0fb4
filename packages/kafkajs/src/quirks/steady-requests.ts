// Shown by test/steady-requests.test.ts.
import type { KafkaJs } from '../api.js';
import { withConnections } from './private-cluster.js';

/**
 * The same kafkajs, whose requests time out, and are held back, by a clock that nobody sets.
 *
 * By itself it goes by the wall clock. When that is set back, a request whose answer is lost never times out, and a
 * connection that a broker has throttled sends nothing until the clock has caught up; when it is set forward, all requests
 * under way time out at once.
 */
export function steadyRequests(kafka: KafkaJs): KafkaJs {
  return withConnections(kafka, ({ requestQueue }) => {
    const create = requestQueue?.createSocketRequest?.bind(requestQueue);
    if (requestQueue === undefined || create === undefined) return;
    steadyMoment(requestQueue, 'throttledUntil');
    requestQueue.createSocketRequest = (pushed) => {
      const request = create(pushed);
      steadyMoment(request, 'sentAt');
      return request;
    };
  });
}

/**
 * Keeps a moment by the clock that nobody sets. Whoever writes and reads it does so in ms since 1970, and whenever it is
 * read, it is as far from the present as it really is. What is no number stays as it is.
 */
function steadyMoment<K extends string>(of: { [key in K]?: number | null }, name: K): void {
  let moment: number | null | undefined;
  const set = (wall: number | null | undefined) => {
    moment = typeof wall === 'number' ? wall - lead() : wall;
  };
  const get = () => (typeof moment === 'number' ? Math.round(moment + lead()) : moment);
  set(of[name]);
  Object.defineProperty(of, name, { get, set, enumerable: true, configurable: true });
}

/** How far the wall clock is ahead of the one that nobody sets, ms. */
function lead(): number {
  // biome-ignore lint/style/noRestrictedGlobals: it is what kafkajs goes by
  return Date.now() - performance.now();
}
