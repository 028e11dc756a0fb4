import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { sleep } from '@velo/testkit/binding';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaJs } from '../src/api.js';
import { BrokerContact } from '../src/group/broker-contact.js';
import { holdBehindJoins } from '../src/quirks/held-behind-joins.js';
import type { PrivateConnection } from '../src/quirks/private-cluster.js';
import { soundConnections } from '../src/quirks/sound-connections.js';
import { changedCluster, requireBare } from './support.js';

/** By the numbers of Kafka's protocol, as kafkajs names them. */
const KEYS = { OffsetCommit: 8, JoinGroup: 11, SyncGroup: 14 } as const;
type ApiName = keyof typeof KEYS;

/** ms. kafkajs's `requestTimeout`. */
const REQUEST_TIMEOUT = 300;
/** ms. How long the group takes. */
const REBALANCE = 1_000;

let server: Server;
/** In the order in which they came to the broker. */
let asked: ApiName[];
let sockets: Socket[];

/** As Kafka's broker: it reads the next request of a connection when it has answered the one before. */
beforeEach(async () => {
  const [names, opened]: [ApiName[], Socket[]] = [[], []];
  [asked, sockets] = [names, opened];
  server = createServer((socket) => {
    opened.push(socket);
    let waiting = Buffer.alloc(0);
    let isBusy = false;
    const serve = async () => {
      if (isBusy || waiting.length < 12) return;
      isBusy = true;
      const [length, key, id] = [waiting.readInt32BE(0), waiting.readInt16BE(4), waiting.readInt32BE(8)];
      waiting = waiting.subarray(4 + length);
      const name = (Object.keys(KEYS) as ApiName[]).find((one) => KEYS[one] === key) as ApiName;
      names.push(name);
      if (name !== 'OffsetCommit') await sleep(REBALANCE);
      const answer = Buffer.alloc(8);
      answer.writeInt32BE(4, 0);
      answer.writeInt32BE(id, 4);
      socket.write(answer);
      isBusy = false;
      void serve();
    };
    socket.on('error', () => {});
    socket.on('data', (data) => {
      waiting = Buffer.concat([waiting, data]);
      void serve();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

/** A connection of kafkajs's own, as it is after a change of the kafkajs that made it. */
async function connectionOf(change: (kafka: KafkaJs) => KafkaJs): Promise<PrivateConnection> {
  const Connection = requireBare('kafkajs/src/network/connection');
  const socketFactory = requireBare('kafkajs/src/network/socketFactory')();
  const logger = { namespace: () => logger, debug() {}, info() {}, warn() {}, error() {} };
  const { port } = server.address() as { port: number };
  const connection: PrivateConnection & { versions?: object } = new Connection({
    host: '127.0.0.1',
    port,
    logger,
    socketFactory,
    requestTimeout: REQUEST_TIMEOUT,
    connectionTimeout: 1_000,
  });
  const { connectionPoolBuilder } = changedCluster(change, {
    connectionPoolBuilder: { build: async () => ({ pool: [connection] }) },
  });
  await connectionPoolBuilder.build();
  await connection.connect?.();
  return connection;
}

async function ask(connection: PrivateConnection, apiName: ApiName): Promise<unknown> {
  const Encoder = requireBare('kafkajs/src/protocol/encoder');
  const request = {
    apiName,
    apiKey: KEYS[apiName],
    apiVersion: 0,
    encode: async () => new Encoder(),
  };
  const response = {
    decode: async () => ({ clientSideThrottleTime: 0 }),
    parse: async () => `${apiName} answered`,
  };
  const requestTimeout = apiName === 'OffsetCommit' ? null : 10 * REBALANCE;
  return connection.send?.({ request, response, requestTimeout }).catch((error: Error) => error.name);
}

/** A commit behind what the group answers. */
async function behind(connection: PrivateConnection, apiName: ApiName): Promise<unknown[]> {
  const group = ask(connection, apiName);
  await sleep(50);
  const commit = ask(connection, 'OffsetCommit');
  return Promise.all([group, commit]);
}

describe.each(['JoinGroup', 'SyncGroup'] as const)('a commit behind a %s', (apiName) => {
  it('times out in bare kafkajs, and costs the connection where that is dropped for it', async () => {
    expect(await behind(await connectionOf((kafka) => kafka), apiName)).toEqual([
      `${apiName} answered`,
      'KafkaJSRequestTimeoutError',
    ]);
    expect(await behind(await connectionOf(soundConnections), apiName)).toEqual([
      'KafkaJSConnectionClosedError',
      'KafkaJSRequestTimeoutError',
    ]);
  });

  it('waits for it by velo’s, and both are answered', async () => {
    const contact = new BrokerContact();
    const connection = await connectionOf((kafka) => contact.watch(holdBehindJoins(soundConnections(kafka))));
    const answers = behind(connection, apiName);
    await sleep(REBALANCE / 2);
    expect(asked).toEqual([apiName]);
    // The broker owes nothing: it waits for the group, and the commit for the broker.
    expect(contact.facts.overdue).toEqual([]);
    expect(await answers).toEqual([`${apiName} answered`, 'OffsetCommit answered']);
    expect(asked).toEqual([apiName, 'OffsetCommit']);
    expect(sockets).toHaveLength(1);
  });
});

it('another kafkajs than velo knows stays as it is', () => {
  const other = {} as KafkaJs;
  expect(holdBehindJoins(other)).toBe(other);
});
