// Shown by test/sound-connections.test.ts.
import { readText } from '@velo/engine';
import type { KafkaJs } from '../api.js';
import { dropSocket, type PrivateConnection, withConnections } from './private-cluster.js';

/** Bytes of one response: a hundred times what a fetch takes at kafkajs's defaults, ten times what librdkafka takes. */
const MAX_RESPONSE = 2 ** 30;
/** ms. Brokers hold a throttled connection back by themselves, so little is lost by asking too early. */
const MAX_THROTTLE = 1_000;
const SIZE_BYTES = 4;

/**
 * The same kafkajs, whose connections survive what no broker should send; each fault costs the connection, not more.
 *
 * By itself kafkajs throws in the socket's own event on a response that is shorter than its header, and the process
 * ends. On a length that is not true it waits for bytes for ever, and every request on the connection times out after
 * the other. It takes the rest of a response that was cut off for the beginning of the next connection's first one. And
 * it holds all requests to a broker back for as long as one answer tells it to, up to 24 days.
 */
export function soundConnections(kafka: KafkaJs): KafkaJs {
  return withConnections(kafka, (connection) => {
    startAnew(connection);
    checkFrames(connection);
    dropLate(connection);
    boundThrottle(connection);
  });
}

function startAnew(connection: PrivateConnection): void {
  const { socketFactory } = connection;
  if (socketFactory === undefined) return;
  connection.socketFactory = (...options) => {
    connection.chunks = [];
    connection.bytesBuffered = 0;
    connection.bytesNeeded = SIZE_BYTES;
    return socketFactory(...options);
  };
}

function checkFrames(connection: PrivateConnection): void {
  const read = connection.processData?.bind(connection);
  if (read === undefined) return;
  connection.processData = (data) => {
    try {
      read(data);
    } catch {
      dropSocket(connection.socket);
      return;
    }
    if ((connection.bytesNeeded ?? 0) > MAX_RESPONSE) dropSocket(connection.socket);
  };
}

/** As Kafka's own client does: nobody knows what comes next on a connection that owes an answer. */
function dropLate(connection: PrivateConnection): void {
  const send = connection.send?.bind(connection);
  if (send === undefined) return;
  connection.send = async (request) => {
    try {
      return await send(request);
    } catch (error) {
      if (readText(error, 'name') === 'KafkaJSRequestTimeoutError') dropSocket(connection.socket);
      throw error;
    }
  };
}

function boundThrottle({ requestQueue }: PrivateConnection): void {
  const throttle = requestQueue?.maybeThrottle?.bind(requestQueue);
  if (requestQueue === undefined || throttle === undefined) return;
  requestQueue.maybeThrottle = (time) =>
    throttle(typeof time === 'number' ? Math.min(time, MAX_THROTTLE) : time);
}
