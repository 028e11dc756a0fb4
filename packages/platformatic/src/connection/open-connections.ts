import { closed, inTime } from '@velo/engine';
import type { Address, PlatformaticConnection, PlatformaticLibrary } from '../api.js';
import { soundFrames } from '../quirks/sound-frames.js';
import { addressOf } from './address-of.js';
import type { ClientConfig } from './client-config.js';

/** ms. How long a close waits for what was written to leave. */
const CLOSE_LIMIT = 2_000;

/**
 * One connection to each broker that is asked for. In place of the client's own pool: a socket that is reset tells of its
 * error and then of its close, and the second of them makes that pool forget the connection that was opened in between, which
 * nobody closes then (shown by test/open-connections.test.ts).
 */
export class OpenConnections {
  readonly #library: PlatformaticLibrary;
  readonly #config: ClientConfig;
  readonly #byBroker = new Map<string, Promise<PlatformaticConnection>>();
  /** All that may have a socket. */
  readonly #all = new Set<PlatformaticConnection>();
  #closed = false;

  constructor(library: PlatformaticLibrary, config: ClientConfig) {
    this.#library = library;
    this.#config = config;
  }

  /** @throws {VeloError} `VELO_CLOSED` once it is closed, and why there is no connection */
  async get(broker: Address): Promise<PlatformaticConnection> {
    if (this.#closed) throw closed();
    const address = addressOf(broker);
    const connection = await (this.#byBroker.get(address) ?? this.#open(address, broker));
    // It may be about to prove anew who it is, and nothing may come in between.
    if (!connection.isConnected()) await connection.ready();
    return connection;
  }

  /** Twice is fine. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    const connections = [...this.#all];
    const left = Promise.all(connections.map((connection) => connection.close()));
    await inTime(CLOSE_LIMIT, left, () => new Error()).catch(() => {});
    for (const { socket } of connections) socket?.destroy();
  }

  #open(address: string, { host, port }: Address): Promise<PlatformaticConnection> {
    const { clientId, connection: options } = this.#config;
    const connection = new this.#library.Connection(clientId, options);
    soundFrames(connection);
    const opening = (async () => {
      await connection.connect(host, port);
      return connection;
    })();
    this.#byBroker.set(address, opening);
    this.#all.add(connection);
    const forget = () => {
      if (this.#byBroker.get(address) === opening) this.#byBroker.delete(address);
    };
    const gone = () => {
      forget();
      this.#all.delete(connection);
      // Ends the timer of its next login; after one that is refused the client waits for the broker to close.
      void connection.close().catch(() => {});
      connection.socket?.destroy();
    };
    connection.on('closing', forget);
    connection.on('close', gone);
    // Errors of a socket come to each request as well; unheard, the second one of a connection would end the process.
    connection.on('error', gone);
    opening.catch(gone);
    return opening;
  }
}
