import { connect, type Socket } from 'node:net';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { sleep } from '@velo/testkit/binding';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaJsConnection } from '../src/api.js';
import { leaveNoSocket } from '../src/quirks/leave-no-socket.js';

let broker: EmbeddedBroker;
let opened: Socket[];
let kafka: Kafka;

beforeEach(async () => {
  broker = await startEmbeddedBroker();
  opened = [];
  kafka = new Kafka({
    brokers: [...broker.brokers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 5, initialRetryTime: 20, maxRetryTime: 100 },
    socketFactory: ({ host, port, onConnect }) => {
      const socket = connect({ host, port }, onConnect);
      opened.push(socket);
      return socket;
    },
  });
});

afterEach(async () => {
  for (const socket of opened) socket.destroy();
  await broker.stop();
});

interface Cluster extends KafkaJsConnection {
  brokerPool: {
    seedBroker: { connectionPool: { destroy(): Promise<void>; getConnection(): Promise<unknown> } };
  };
}

/** What all clients of kafkajs are made of. */
function clusterOf(client: object): Cluster {
  const key = [client, Object.getPrototypeOf(client)]
    .flatMap((owner) => Object.getOwnPropertySymbols(owner))
    .find(({ description }) => description === 'private:Kafka:createCluster') as symbol;
  return (client as Record<symbol, (options: object) => Cluster>)[key]?.({}) as Cluster;
}

/** Two requests meet a connection that was lost, as a heartbeat and a commit do. */
async function disturb(cluster: Cluster): Promise<void> {
  await cluster.connect();
  const { connectionPool } = cluster.brokerPool.seedBroker;
  await connectionPool.destroy();
  await Promise.all([connectionPool.getConnection(), connectionPool.getConnection()]);
  await cluster.disconnect();
  await sleep(100);
}

const left = () => opened.filter(({ destroyed }) => !destroyed);

describe('after a disconnect', () => {
  it('kafkajs alone leaves a socket open', async () => {
    await disturb(clusterOf(kafka));
    expect(left().length).toBeGreaterThan(0);
  });

  it('velo leaves none', async () => {
    await disturb(leaveNoSocket(kafka, clusterOf));
    expect(opened.length).toBeGreaterThan(1);
    expect(left()).toEqual([]);
  });

  it('a client of another make works as it is', async () => {
    const other = { connect: async () => {}, disconnect: async () => {} };
    const client = leaveNoSocket({} as Kafka, () => other);
    await client.connect();
    await client.disconnect();
    expect(client).toBe(other);
  });
});
