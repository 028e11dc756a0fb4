import { connect, type Socket } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import type { KeyStore } from '../support/key-stores.js';
import { freePorts } from '../support/ports.js';
import { renamed } from './renamed.js';

/** TLS in front of a server that speaks without; its answers name this port where they name the server's. */
export interface TlsFront extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** From now on new connections meet this certificate; those that are open stay. */
  present(store: KeyStore): void;
  /** Resets every open connection. */
  cut(): void;
}

/** @param target port of the server on loopback */
export async function startTlsFront(target: number, store: KeyStore): Promise<TlsFront> {
  const [port] = (await freePorts(1)) as [number];
  const open = new Set<Socket>();
  const server = createServer({ ...store }, (client: TLSSocket) => {
    const broker = connect(target, '127.0.0.1');
    const end = () => {
      for (const socket of [client, broker]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, broker]) {
      open.add(socket);
      socket.on('error', end).on('close', end);
    }
    client.pipe(broker);
    broker.on('data', (chunk: Buffer) => client.write(renamed(chunk, target, port)));
  });
  // A client that refuses the certificate.
  server.on('tlsClientError', () => {});
  const cut = () => {
    for (const socket of [...open]) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${port}`,
    present: (next) => server.setSecureContext({ ...next }),
    cut,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
