// Shown by test/leave-no-socket.test.ts.
import type { KafkaJs, KafkaJsConnection } from '../api.js';
import { dropSocket, type PrivateSocket, withConnections } from './private-cluster.js';

/**
 * Makes a kafkajs client whose `disconnect` leaves no socket behind.
 *
 * Where two requests meet a lost connection, kafkajs opens a socket for each and forgets the first: no disconnect
 * ends it, and it keeps the process alive until the broker gives it up after ten minutes.
 */
export function leaveNoSocket<T extends KafkaJsConnection>(kafka: KafkaJs, create: (kafka: KafkaJs) => T): T {
  const sockets = new Set<PrivateSocket>();
  let isOver = false;
  const opened = (socket: PrivateSocket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    // A call that was under way connects again.
    if (isOver) setImmediate(() => dropSocket(socket));
  };
  const watched = withConnections(kafka, (connection) => {
    const { socketFactory } = connection;
    if (socketFactory === undefined) return;
    connection.socketFactory = (...options) => {
      const socket = socketFactory(...options);
      opened(socket);
      return socket;
    };
  });
  const client = create(watched);
  const disconnect = client.disconnect.bind(client);
  client.disconnect = async () => {
    try {
      await disconnect();
    } finally {
      isOver = true;
      for (const socket of sockets) dropSocket(socket);
    }
  };
  return client;
}
