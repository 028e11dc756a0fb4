import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import * as library from '@platformatic/kafka';
import { until } from '@velo/testkit/binding';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Address, PlatformaticConnection, PlatformaticLibrary } from '../src/api.js';
import { checkClientConfig } from '../src/connection/client-config.js';
import { OpenConnections } from '../src/connection/open-connections.js';

let server: Server;
let broker: Address;
/** What the server has open, the oldest first. */
let sockets: Socket[];

beforeEach(async () => {
  sockets = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => {}).on('close', () => sockets.splice(sockets.indexOf(socket), 1));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  broker = { host: '127.0.0.1', port: (server.address() as { readonly port: number }).port };
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

function openConnections(options: object = {}): OpenConnections {
  const config = checkClientConfig({ clientId: 'test', bootstrapBrokers: [broker], ...options });
  return new OpenConnections(library as unknown as PlatformaticLibrary, config);
}

/** The next connection is asked for at a socket's error, before its close. */
async function resetAndAskAgain<C extends Pick<PlatformaticConnection, 'on'>>(
  get: () => Promise<C>,
): Promise<C> {
  const first = await get();
  const again = new Promise<C>((resolve, reject) => {
    first.on('error', () => get().then(resolve, reject));
  });
  await until(() => sockets.length === 1);
  sockets[0]?.resetAndDestroy();
  return again;
}

it('the connection that follows one that was reset is kept, and closed at the end', async () => {
  const open = openConnections();
  const second = await resetAndAskAgain(() => open.get(broker));
  await until(() => sockets.length === 1);
  expect(await open.get(broker)).toBe(second);
  await open.close();
  await until(() => sockets.every((socket) => socket.readableEnded));
});

it("the client's own pool forgets it: its socket stays open", async () => {
  const pool = new library.ConnectionPool('test');
  const second = await resetAndAskAgain(() => pool.get(broker));
  await until(() => sockets.length === 1);
  expect(await pool.get(broker)).not.toBe(second);
  await until(() => sockets.length === 2);
  await pool.close();
  await until(() => sockets.some((socket) => socket.readableEnded));
  expect(second.isConnected()).toBe(true);
  await second.close();
});

it('all who ask at once get the same one', async () => {
  const open = openConnections();
  const all = await Promise.all([1, 2, 3].map(() => open.get(broker)));
  expect(new Set(all).size).toBe(1);
  await open.close();
});

it('one that is about to close is given to nobody any more', async () => {
  const open = openConnections();
  const first = await open.get(broker);
  void first.close();
  const second = await open.get(broker);
  expect(second).not.toBe(first);
  expect(second.isConnected()).toBe(true);
  await open.close();
});

it('after its end none is opened, and one that is being opened is closed', async () => {
  const open = openConnections();
  const opening = open.get(broker).catch(() => {});
  await open.close();
  await opening;
  await expect(open.get(broker)).rejects.toMatchObject({ code: 'VELO_CLOSED' });
  await until(() => sockets.every((socket) => socket.readableEnded));
  await open.close();
});

it('a broker that cannot be reached is asked anew each time', async () => {
  const open = openConnections();
  const { port } = broker;
  server.close();
  await expect(open.get(broker)).rejects.toThrow(/failed/);
  await once(server.listen(port, '127.0.0.1'), 'listening');
  expect((await open.get(broker)).isConnected()).toBe(true);
  await open.close();
});

it('one that is never ready is given up, with its socket', async () => {
  const sasl = { mechanism: 'PLAIN', username: 'velo', password: 'secret' };
  const open = openConnections({ sasl, connectTimeout: 100 });
  await expect(open.get(broker)).rejects.toThrow(/timed out/);
  await until(() => sockets.every((socket) => socket.readableEnded || socket.destroyed));
  await open.close();
});
