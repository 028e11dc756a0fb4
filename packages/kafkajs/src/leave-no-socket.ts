import type { KafkaJs, KafkaJsConnection } from './kafkajs-api.js';

/** What kafkajs keeps to itself, as far as it is needed here; every step is checked, since it promises none. */
interface Pool {
  readonly pool?: { socketFactory?: (...args: unknown[]) => Socket }[];
}
interface Cluster {
  readonly connectionPoolBuilder?: { build?: (...args: unknown[]) => Promise<Pool> };
}
type CreateCluster = (...args: unknown[]) => Cluster;

/** A socket of `node:net` or `node:tls`. */
interface Socket {
  once(event: 'close', listener: () => void): unknown;
  emit(event: 'end'): boolean;
  destroy(): unknown;
}

/**
 * Makes a kafkajs client whose `disconnect` leaves no socket behind.
 *
 * Where two requests meet a lost connection, kafkajs opens a socket for each and forgets the first: no disconnect
 * ends it, and it keeps the process alive until the broker gives it up after ten minutes.
 */
export function leaveNoSocket<T extends KafkaJsConnection>(kafka: KafkaJs, create: (kafka: KafkaJs) => T): T {
  const sockets = new Set<Socket>();
  let isOver = false;
  const client = create(
    watched(kafka, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // A call that was under way connects again.
      if (isOver) setImmediate(() => end(socket));
    }),
  );
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
function end(socket: Socket): void {
  socket.emit('end');
  socket.destroy();
}

/** The same kafkajs, which tells of each socket that it opens; as it is where it is another one than velo knows. */
function watched(kafka: KafkaJs, opened: (socket: Socket) => void): KafkaJs {
  const key = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === 'private:Kafka:createCluster',
  );
  const createCluster = key && (kafka as unknown as Record<symbol, CreateCluster | undefined>)[key];
  if (key === undefined || createCluster === undefined) return kafka;
  return Object.create(kafka, {
    [key]: {
      value: (...args: unknown[]) => {
        const cluster = createCluster(...args);
        watchPools(cluster, opened);
        return cluster;
      },
    },
  });
}

function watchPools({ connectionPoolBuilder }: Cluster, opened: (socket: Socket) => void): void {
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
