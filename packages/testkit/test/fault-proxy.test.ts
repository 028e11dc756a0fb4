import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/index.js';

const served: string[] = [];
const server = createServer((socket) => {
  socket
    .on('error', () => {})
    .on('data', (chunk) => {
      served.push(chunk.toString());
      socket.write(chunk);
    });
});
let proxy: FaultProxy;

beforeEach(async () => {
  served.length = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await startFaultProxy({ target: (server.address() as AddressInfo).port });
});
afterEach(async () => {
  await proxy.stop();
  await new Promise((resolve) => server.close(resolve));
});

interface Client {
  readonly socket: Socket;
  readonly received: string[];
  error?: NodeJS.ErrnoException;
}

async function client(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  const opened: Client = { socket, received: [] };
  socket.on('data', (chunk) => opened.received.push(chunk.toString()));
  socket.on('error', (error) => {
    opened.error = error;
  });
  await once(socket, 'connect');
  return opened;
}

it('carries bytes both ways, in order', async () => {
  const { socket, received } = await client();
  for (const text of ['a', 'b', 'c']) socket.write(text);
  await vi.waitFor(() => expect(received.join('')).toBe('abc'));
  expect(proxy.connections).toBe(1);
  socket.end();
  await vi.waitFor(() => expect(proxy.connections).toBe(0));
});

it('carries more than the buffers hold', async () => {
  const { socket, received } = await client();
  socket.write('x'.repeat(5_000_000));
  await vi.waitFor(() => expect(received.join('')).toHaveLength(5_000_000), { timeout: 5_000 });
  socket.destroy();
});

it('cuts open connections with a reset, and accepts new ones', async () => {
  const first = await client();
  proxy.cut();
  await vi.waitFor(() => expect(first.error?.code).toBe('ECONNRESET'));
  const second = await client();
  second.socket.write('again');
  await vi.waitFor(() => expect(second.received).toEqual(['again']));
  second.socket.destroy();
});

it('refuses connections until it is healed, on the same port', async () => {
  const { port } = proxy;
  await proxy.refuse();
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.heal();
  expect(proxy.port).toBe(port);
  (await client()).socket.destroy();
});

it('delays both directions, in order, whatever the delay becomes', async () => {
  const { socket, received } = await client();
  const started = performance.now();
  proxy.delay(60);
  socket.write('slow ');
  await sleep(20);
  proxy.delay(0);
  socket.write('fast');
  await vi.waitFor(() => expect(received.join('')).toBe('slow fast'), { interval: 5 });
  expect(performance.now() - started).toBeGreaterThan(55);
  socket.destroy();
});

it.each([
  { direction: 'to-client' as const, reachesServer: ['lost'] },
  { direction: 'to-server' as const, reachesServer: [] },
  { direction: 'both' as const, reachesServer: [] },
])('swallows bytes $direction and leaves the connection open', async ({ direction, reachesServer }) => {
  const { socket, received } = await client();
  proxy.swallow(direction);
  socket.write('lost');
  await sleep(50);
  expect(served).toEqual(reachesServer);
  expect(received).toEqual([]);
  expect(socket.destroyed).toBe(false);
  socket.destroy();
});

it('resets the connections that lost bytes when it is healed, and only those', async () => {
  const [broken, whole] = [await client(), await client()];
  proxy.swallow();
  broken.socket.write('lost');
  await sleep(50);
  await proxy.heal();
  await vi.waitFor(() => expect(broken.error?.code).toBe('ECONNRESET'));
  whole.socket.write('kept');
  await vi.waitFor(() => expect(whole.received).toEqual(['kept']));
  whole.socket.destroy();
});

it('hands on that the server closed', async () => {
  const { socket } = await client();
  await proxy.stop();
  await vi.waitFor(() => expect(socket.destroyed).toBe(true));
});

it('spoils answers until it is healed, and then the connections that had them', async () => {
  const { socket, received } = await client();
  proxy.spoil((answer) => ({ bytes: Buffer.from(`no ${answer}`) }));
  socket.write('a');
  await vi.waitFor(() => expect(received).toEqual(['no a']));
  await proxy.heal();
  await vi.waitFor(() => expect(socket.destroyed).toBe(true));
  const second = await client();
  second.socket.write('b');
  await vi.waitFor(() => expect(second.received).toEqual(['b']));
  second.socket.destroy();
});
