import { connect, type Socket } from 'node:net';
import { DelayLine } from './delay-line.js';
import type { Direction, Faults } from './faults.js';
import type { SpoiledAnswer } from './frame-faults.js';

/** One client's connection through the proxy. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: Faults;
  readonly #adapt: (chunk: Buffer) => Buffer;
  readonly #closed: () => void;
  lostBytes = false;

  /** @param adapt applied to each chunk that goes to the client */
  constructor(
    client: Socket,
    target: number,
    faults: Faults,
    adapt: (chunk: Buffer) => Buffer,
    closed: () => void,
  ) {
    this.#client = client;
    this.#server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    this.#faults = faults;
    this.#adapt = adapt;
    this.#closed = closed;
    client.setNoDelay(true);
    this.#carry(client, this.#server, 'to-server');
    this.#carry(this.#server, client, 'to-client');
    client.resume();
  }

  /** Ends both sides with RST, as a firewall or a dead host does. */
  reset(): void {
    resetSocket(this.#client);
    resetSocket(this.#server);
    this.#closed();
  }

  #answer(chunk: Buffer): SpoiledAnswer {
    const answer = this.#adapt(chunk);
    if (this.#faults.spoil === undefined) return { bytes: answer };
    this.lostBytes = true;
    return this.#faults.spoil(answer);
  }

  #carry(from: Socket, to: Socket, direction: Direction): void {
    const line = new DelayLine(() => this.#faults.delay);
    from.on('data', (chunk) => {
      if (this.#faults.swallow === direction || this.#faults.swallow === 'both') {
        this.lostBytes = true;
        return;
      }
      const { bytes, close = false } = direction === 'to-client' ? this.#answer(chunk) : { bytes: chunk };
      line.push(() => {
        if (!to.destroyed && !to.write(bytes)) from.pause();
        if (close) to.end();
      });
    });
    to.on('drain', () => from.resume());
    from.on('end', () => line.push(() => to.end()));
    from.on('error', () => this.reset());
    from.on('close', () => {
      if (this.#client.destroyed && this.#server.destroyed) this.#closed();
    });
  }
}

/** A reset of a socket that is being ended fails with EINVAL and leaves a handle that Node waits for at its exit, for ever. */
function resetSocket(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
