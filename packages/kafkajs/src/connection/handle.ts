import type { KafkaJsConnection } from '../api.js';

/** One client object, from `connect` to `disconnect`. */
export class ClientLife<T extends KafkaJsConnection> {
  /** Resolves after the disconnect, never rejects. */
  readonly ended: Promise<void>;
  readonly #client: T;
  readonly #connected: Promise<void>;
  #users = 0;
  #over = false;
  #allGone: () => void = () => {};

  constructor(client: T) {
    this.#client = client;
    this.#connected = client.connect();
    const unused = new Promise<void>((resolve) => {
      this.#allGone = resolve;
    });
    this.ended = unused.then(() => client.disconnect()).catch(() => {});
  }

  /** Resolves with the connected client, which stays connected until `release`. */
  async acquire(): Promise<T> {
    this.#users++;
    try {
      await this.#connected;
    } catch (error) {
      this.release();
      throw error;
    }
    return this.#client;
  }

  release(): void {
    this.#users--;
    this.#endIfUnused();
  }

  /** Disconnects as soon as nobody uses it: a kafkajs call that is under way would connect again. */
  end(): void {
    this.#over = true;
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#over && this.#users === 0) this.#allGone();
  }
}
