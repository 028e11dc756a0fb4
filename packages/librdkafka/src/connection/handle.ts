import { closed, within } from '@velo/engine';
import type { RdKafkaCallback, RdKafkaClient } from '../api.js';
import { coded } from '../errors/codes.js';
import { Faults } from '../errors/faults.js';
import { hearRefusal } from '../quirks/config-refusal.js';
import { listen } from './listen.js';

/** ms. The clients' connect, which occupies a thread for so long where no broker answers. */
const CONNECT_LIMIT = 5_000;
/** ms. A caller that comes while brokers are known to be away waits for so long. */
const PATIENCE = 500;
/** ms. They do not always call back. */
const DISCONNECT_LIMIT = 5_000;

/**
 * One client object, from connect to disconnect. Some of its calls crash the process if it is
 * disconnected while they are under way, so they are counted.
 */
export class Handle<T extends RdKafkaClient> {
  readonly client: T;
  readonly faults: Faults;
  readonly #connecting: Promise<void>;
  #state: 'connecting' | 'connected' | 'failed' | 'ended' = 'connecting';
  #calls = 0;
  #allBack: (() => void) | undefined;
  #ending: Promise<void> | undefined;

  /** @param brokers how many the client knows at first */
  constructor(client: T, brokers: number) {
    this.client = client;
    this.faults = new Faults(brokers);
    listen(client, 'event.log', (log) => this.faults.read(log));
    const refusal = hearRefusal(client);
    this.#connecting = new Promise<void>((resolve, reject) => {
      client.connect({ allTopics: false, timeout: CONNECT_LIMIT }, (error) => {
        if (this.#state === 'connecting') this.#state = error ? 'failed' : 'connected';
        if (error) reject(refusal() ?? this.faults.explain(coded(error)));
        else {
          this.faults.connected();
          resolve();
        }
      });
    });
    this.#connecting.catch(() => {});
  }

  /** False: it could not connect, or was ended; another one is needed. */
  get usable(): boolean {
    return this.#state === 'connecting' || this.#state === 'connected';
  }

  /** Resolves when it is connected; rejects as soon as the log says why it is not. It goes on trying all the same. */
  async ready(): Promise<void> {
    if (this.#state === 'connected') return;
    if (this.#state === 'ended') throw closed();
    let cancel = () => {};
    const fault = new Promise<never>((_, reject) => {
      const tell = () => this.faults.reason && reject(this.faults.reason);
      if (this.faults.refused !== undefined) tell();
      const timer = this.faults.reason && setTimeout(tell, PATIENCE);
      const forget = this.faults.onFault(() => timer === undefined && tell());
      cancel = () => {
        clearTimeout(timer);
        forget();
      };
    });
    try {
      await Promise.race([this.#connecting, fault]);
    } finally {
      cancel();
    }
  }

  /** One of the client's calls, as a promise; its error has its code, and its cause where the log tells one. */
  call<R>(operation: (client: T, callback: RdKafkaCallback<R>) => void): Promise<R> {
    return this.lend(
      (client) =>
        new Promise<R>((resolve, reject) => {
          const callback: RdKafkaCallback<R> = (error, result) => {
            if (error) reject(this.faults.explain(coded(error)));
            else resolve(result as R);
          };
          try {
            operation(client, callback);
          } catch (error) {
            callback(error);
          }
        }),
    );
  }

  /** For another client's call, which needs this one connected: it is, until what `use` returns has settled. */
  async lend<R>(use: (client: T) => Promise<R>): Promise<R> {
    if (this.#state !== 'connected') throw closed();
    this.#calls++;
    try {
      return await use(this.client);
    } finally {
      if (--this.#calls === 0) this.#allBack?.();
    }
  }

  /** Disconnects, after what is under way. Never rejects; twice is fine. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** What must be over before the disconnect. */
  protected async farewell(): Promise<void> {}

  protected disconnect(_callback: () => void): void {}

  async #end(): Promise<void> {
    if (this.#state === 'connecting') await this.#connecting.catch(() => {});
    await this.farewell();
    this.#state = 'ended';
    if (this.#calls > 0) {
      await new Promise<void>((resolve) => {
        this.#allBack = resolve;
      });
    }
    if (!this.client.isConnected()) return;
    await within(DISCONNECT_LIMIT, new Promise<void>((resolve) => this.disconnect(resolve)));
  }
}
