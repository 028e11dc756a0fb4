import { createServer, type Socket } from 'node:net';
import { freePorts } from '../support/ports.js';
import type { Direction, Faults } from './faults.js';
import type { FrameFault } from './frame-faults.js';
import { Link } from './link.js';
import { renamed } from './renamed.js';

/**
 * A TCP proxy that breaks connections on command, in front of one server. Its client side has a port of its
 * own: give that to the clients, and to a broker as its advertised one.
 */
export interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly address: string;
  readonly port: number;
  /** Connections that are open now. */
  readonly connections: number;
  /** Resets every open connection (RST); new ones are accepted. */
  cut(): void;
  /** Resets every open connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Holds every chunk back by this many ms; 0 ends it. */
  delay(ms: number): void;
  /**
   * Half-open: connections stay, their bytes vanish. `to-client` loses the answers only: a broker has written
   * the records, and the producer never learns of it.
   */
  swallow(direction?: Direction): void;
  /** Spoils each of the server's answers. */
  spoil(fault: FrameFault): void;
  /** Ends all faults. Connections that lost bytes are reset, since their streams make no sense any more. */
  heal(): Promise<void>;
  stop(): Promise<void>;
}

export interface FaultProxyOptions {
  /** Port of the server on loopback. */
  readonly target: number;
  /** @default a free one */
  readonly port?: number;
  /**
   * Answers name the proxy's port where they name the server's: for brokers that cannot be told what to advertise.
   * @default false
   */
  readonly renamesServer?: boolean;
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const port = options.port ?? ((await freePorts(1))[0] as number);
  const faults: Faults = { delay: 0, swallow: undefined, spoil: undefined };
  const links = new Set<Link>();

  const adapt = (chunk: Buffer): Buffer =>
    options.renamesServer ? renamed(chunk, options.target, port) : chunk;
  const accept = (client: Socket): void => {
    const link = new Link(client, options.target, faults, adapt, () => links.delete(link));
    links.add(link);
  };
  const server = createServer({ pauseOnConnect: true }, accept);
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      if (server.listening) return resolve();
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        server.unref();
        resolve();
      });
    });
  const cut = (): void => {
    for (const link of [...links]) link.reset();
  };
  const refuse = async (): Promise<void> => {
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    cut();
    await closed;
  };

  await listen();
  return {
    address: `127.0.0.1:${port}`,
    port,
    get connections() {
      return links.size;
    },
    cut,
    refuse,
    delay(ms) {
      faults.delay = ms;
    },
    swallow(direction = 'both') {
      faults.swallow = direction;
    },
    spoil(fault) {
      faults.spoil = fault;
    },
    async heal() {
      faults.delay = 0;
      faults.swallow = undefined;
      faults.spoil = undefined;
      for (const link of [...links]) if (link.lostBytes) link.reset();
      await listen();
    },
    stop: refuse,
    [Symbol.asyncDispose]: refuse,
  };
}
