import type { KafkaJs, KafkaJsConnection } from './kafkajs-api.js';
import { type PrivateCluster, type PrivateSocket, withClusters } from './private-cluster.js';

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
    if (isOver) setImmediate(() => end(socket));
  };
  const client = create(withClusters(kafka, (cluster) => watchPools(cluster, opened)));
  const disconnect = client.disconnect.bind(client);
  client.disconnect = async () => {
    try {
      await disconnect();
    } finally {
      isOver = true;
      for (const socket of sockets) end(socket);
    }
  };
  return client;
}

/** kafkajs clears its timers at an end, not at a close. */
function end(socket: PrivateSocket): void {
  socket.emit('end');
  socket.destroy();
}

function watchPools(
  { connectionPoolBuilder }: PrivateCluster,
  opened: (socket: PrivateSocket) => void,
): void {
  const build = connectionPoolBuilder?.build;
  if (connectionPoolBuilder === undefined || build === undefined) return;
  connectionPoolBuilder.build = async (...args) => {
    const pool = await build(...args);
    for (const connection of pool.pool ?? []) {
      const { socketFactory } = connection;
      if (socketFactory === undefined) continue;
      connection.socketFactory = (...options) => {
        const socket = socketFactory(...options);
        opened(socket);
        return socket;
      };
    }
    return pool;
  };
}
