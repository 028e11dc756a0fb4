import { connect, type Socket } from 'node:net';
import type { Direction, Faults } from './faults.js';

/** One client's connection through the proxy. */
export class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #faults: Faults;
  readonly #closed: () => void;
  lostBytes = false;

  constructor(client: Socket, target: number, faults: Faults, closed: () => void) {
    this.#client = client;
    this.#server = connect({ port: target, host: '127.0.0.1', noDelay: true });
    this.#faults = faults;
    this.#closed = closed;
    client.setNoDelay(true);
    this.#carry(client, this.#server, 'to-server');
    this.#carry(this.#server, client, 'to-client');
    client.resume();
  }

  /** Ends both sides with RST, as a firewall or a dead host does. */
  reset(): void {
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
    this.#closed();
  }

  #carry(from: Socket, to: Socket, direction: Direction): void {
    let dueLast = 0;
    // In order, although the delay may change while chunks wait
    const later = (action: () => void): void => {
      const now = Date.now();
      if (this.#faults.delay === 0 && dueLast <= now) {
        action();
        return;
      }
      dueLast = Math.max(dueLast, now + this.#faults.delay);
      setTimeout(() => !to.destroyed && action(), dueLast - now);
    };
    from.on('data', (chunk) => {
      if (this.#faults.swallow === direction || this.#faults.swallow === 'both') {
        this.lostBytes = true;
        return;
      }
      later(() => {
        if (!to.write(chunk)) from.pause();
      });
    });
    to.on('drain', () => from.resume());
    from.on('end', () => later(() => to.end()));
    from.on('error', () => this.reset());
    from.on('close', () => {
      if (this.#client.destroyed && this.#server.destroyed) this.#closed();
    });
  }
}
