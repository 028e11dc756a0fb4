import { closed } from '@velo/engine';
import type { KafkaJsConnection } from '../api.js';
import { honest } from '../errors.js';
import { ClientLife } from './handle.js';

/**
 * A client that connects at its first use and can be replaced: kafkajs never forgets a topic that it was asked
 * about, and one that was deleted since fails all later calls of the same object.
 */
export class Connection<T extends KafkaJsConnection> {
  readonly #create: () => T;
  readonly #lives = new Set<ClientLife<T>>();
  #life: ClientLife<T> | undefined;
  #closed = false;

  constructor(create: () => T) {
    this.#create = create;
  }

  /**
   * Runs an operation on the connected client. After a failure the next use gets a new client, unless `keep`
   * finds that the failure says nothing against this one.
   */
  async use<R>(operation: (client: T) => Promise<R>, keep?: (error: unknown) => boolean): Promise<R> {
    if (this.#closed) throw closed();
    this.#life ??= this.#begin();
    const life = this.#life;
    const client = await life.acquire().catch((error: unknown) => {
      this.#retire(life);
      throw honest(error);
    });
    try {
      return await operation(client);
    } catch (error) {
      if (!keep?.(error)) this.#retire(life);
      throw honest(error);
    } finally {
      life.release();
    }
  }

  /** Ends all connections, after what is under way. Twice is fine. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#life !== undefined) this.#retire(this.#life);
    await Promise.all([...this.#lives].map(({ ended }) => ended));
  }

  #begin(): ClientLife<T> {
    const life = new ClientLife(this.#create());
    this.#lives.add(life);
    void life.ended.then(() => this.#lives.delete(life));
    return life;
  }

  #retire(life: ClientLife<T>): void {
    if (this.#life === life) this.#life = undefined;
    life.end();
  }
}
