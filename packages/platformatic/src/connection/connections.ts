import { inTime, type Line, tooLate, VeloError } from '@velo/engine';
import type { Address, PlatformaticApi, PlatformaticConnection, PlatformaticLibrary } from '../api.js';
import { CLIENT } from '../errors.js';
import type { RequestName, Requests } from '../requests.js';
import type { BrokerContact } from './broker-contact.js';
import type { ClientConfig } from './client-config.js';
import { OpenConnections } from './open-connections.js';
import { readAnswer } from './read-answer.js';

/** As brokers see it in ApiVersions. */
const SOFTWARE = ['velo', '1'] as const;
const UNSUPPORTED_VERSION = 35;

export interface AskOptions {
  /** ms. Beyond that, the connection is given up. */
  readonly limit: number;
  /** ms. How long the broker may take by itself. @default 0 */
  readonly wait?: number;
  /** The highest version of the request. @default any */
  readonly version?: number | undefined;
}

type Versions = ReadonlyMap<number, { readonly minVersion: number; readonly maxVersion: number }>;

/** Connections of one purpose, one to each broker. A broker works on one request of a connection after the other. */
export class Connections {
  readonly #library: PlatformaticLibrary;
  readonly #open: OpenConnections;
  readonly #purpose: string;
  readonly #contact: BrokerContact | undefined;
  readonly #versions = new WeakMap<PlatformaticConnection, Promise<Versions>>();

  constructor(library: PlatformaticLibrary, config: ClientConfig, purpose: string, contact?: BrokerContact) {
    this.#library = library;
    this.#purpose = purpose;
    this.#contact = contact;
    this.#open = new OpenConnections(library, config);
  }

  /**
   * The broker's answer, also one with codes of errors in it.
   *
   * @throws what says that there was no answer
   */
  async ask<N extends RequestName>(
    broker: Address,
    name: N,
    args: Requests[N]['args'],
    { limit, wait = 0, version }: AskOptions,
  ): Promise<Requests[N]['answer']> {
    const line = this.#contact?.line(broker, this.#purpose);
    const connection = await this.#attempt(line, 0, () => this.#open.get(broker), true);
    const api = this.#choose(name, await this.#versionsOf(connection, limit), version);
    return this.#attempt(line, wait, () => this.#send(connection, api, name, args, limit));
  }

  /** The version in which the broker would be asked. */
  async version(broker: Address, name: RequestName, limit: number): Promise<number> {
    const connection = await this.#open.get(broker);
    return this.#choose(name, await this.#versionsOf(connection, limit)).version;
  }

  /** Twice is fine. Never rejects. */
  close(): Promise<void> {
    return this.#open.close();
  }

  #attempt<T>(line: Line | undefined, wait: number, run: () => Promise<T>, connecting = false): Promise<T> {
    if (line === undefined || this.#contact === undefined) return run();
    return this.#contact.attempt(line, wait, run, connecting);
  }

  async #send<N extends RequestName>(
    connection: PlatformaticConnection,
    api: PlatformaticApi,
    name: N,
    args: Requests[N]['args'],
    limit: number,
  ): Promise<Requests[N]['answer']> {
    const answer = new Promise<Requests[N]['answer']>((resolve, reject) => {
      api(connection, ...args, (error: unknown, response: Requests[N]['answer'] | undefined) => {
        const read = readAnswer(error, response);
        if (read === undefined) reject(error);
        else resolve(read);
      });
    });
    return inTime(limit, answer, () => {
      // What is behind it on the same connection would wait as long.
      void connection.close().catch(() => {});
      return tooLate(CLIENT, name, limit);
    });
  }

  /** As the client itself chooses: the highest version that both have. */
  #choose(name: RequestName, versions: Versions, most = Number.POSITIVE_INFINITY): PlatformaticApi {
    const any = this.#api(name, 0) ?? this.#firstApi(name);
    const range = any && versions.get(any.key);
    for (
      let version = Math.min(range?.maxVersion ?? -1, most);
      range && version >= range.minVersion;
      version--
    ) {
      const api = this.#api(name, version);
      if (api !== undefined) return api;
    }
    throw new VeloError(
      'VELO_NOT_SUPPORTED',
      `${CLIENT} and this broker have no version of the request "${name}" in common. Nothing was done. Use Apache Kafka 2.1 or newer.`,
    );
  }

  #firstApi(name: RequestName): PlatformaticApi | undefined {
    for (let version = 1; version < 20; version++) {
      const api = this.#api(name, version);
      if (api !== undefined) return api;
    }
    return undefined;
  }

  #api(name: RequestName, version: number): PlatformaticApi | undefined {
    const module = this.#library[`${name}V${version}`] as { readonly api: PlatformaticApi } | undefined;
    return module?.api;
  }

  /** Of each connection: while a cluster is upgraded, its brokers differ. */
  #versionsOf(connection: PlatformaticConnection, limit: number): Promise<Versions> {
    const known = this.#versions.get(connection);
    if (known !== undefined) return known;
    const asked = this.#askVersions(connection, limit);
    this.#versions.set(connection, asked);
    asked.catch(() => this.#versions.delete(connection));
    return asked;
  }

  async #askVersions(connection: PlatformaticConnection, limit: number): Promise<Versions> {
    const ask = (version: number) =>
      this.#send(
        connection,
        this.#api('apiVersions', version) as PlatformaticApi,
        'apiVersions',
        SOFTWARE,
        limit,
      );
    let answer = await ask(3);
    if (answer.errorCode === UNSUPPORTED_VERSION) answer = await ask(1);
    return new Map(answer.apiKeys.map(({ apiKey, ...range }) => [apiKey, range]));
  }
}
