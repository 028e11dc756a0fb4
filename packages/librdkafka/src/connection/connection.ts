import { closed } from '@velo/engine';
import type { RdKafkaClient } from '../api.js';
import type { Handle } from './handle.js';

/** A client that connects at its first use, and is replaced when it could not connect or has failed for good. */
export class Connection<H extends Handle<RdKafkaClient>> {
  readonly #create: () => H;
  readonly #ending = new Set<Promise<void>>();
  #handle: H | undefined;
  #closed = false;

  constructor(create: () => H) {
    this.#create = create;
  }

  /** The connected client. */
  async ready(): Promise<H> {
    if (this.#closed) throw closed();
    if (this.#handle !== undefined && !this.#handle.usable) this.retire(this.#handle);
    this.#handle ??= this.#create();
    const handle = this.#handle;
    await handle.ready();
    return handle;
  }

  /** The next use gets a new client. */
  retire(handle: H): void {
    if (this.#handle === handle) this.#handle = undefined;
    const ending = handle.end().then(() => void this.#ending.delete(ending));
    this.#ending.add(ending);
  }

  /** Ends all connections, after what is under way. Twice is fine. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#handle !== undefined) this.retire(this.#handle);
    await Promise.all(this.#ending);
  }
}
