import { readProperty, readText } from '@velo/engine';
import { CODES, isSilence, LibrdKafkaError } from './codes.js';
import { type LogLine, withoutSource } from './log-line.js';

const AUTHENTICATION = /SASL authentication error|Authentication failed|SASL .*mechanism/i;
const SSL = /SSL handshake failed|SSL_CTX|certificate/i;
/** ms. What failed longer ago explains nothing. */
const MAX_AGE = 60_000;
/** Of a log line: the thread, which is named after its broker, and the text. */
const LINE = /^(?:\[thrd:([^\]]*)\]: )?(.*)$/s;

/**
 * Why a client does not reach its brokers, from librdkafka's log: the errors that its calls end with, after their whole
 * timeout, say no more than "transport failure", of a wrong password too.
 */
export class Faults {
  readonly #brokers: number;
  readonly #failing = new Set<string>();
  #refused: LibrdKafkaError | undefined;
  #last = '';
  #lastAt = Number.NEGATIVE_INFINITY;
  #wasConnected = false;
  readonly #listeners = new Set<() => void>();

  /** @param brokers how many the client knows at first */
  constructor(brokers: number) {
    this.#brokers = brokers;
  }

  /** Credentials or certificates that the brokers do not take. */
  get refused(): LibrdKafkaError | undefined {
    return this.#refused;
  }

  /** What keeps a client from its first connection: a refusal, or none of the brokers that it knows can be reached. */
  get reason(): LibrdKafkaError | undefined {
    if (this.#refused !== undefined) return this.#refused;
    return this.#failing.size >= this.#brokers
      ? new LibrdKafkaError(CODES.TRANSPORT, `Broker transport failure: ${this.#last}`)
      : undefined;
  }

  /** A failure that may have a known cause, with that cause. */
  explain(error: unknown): unknown {
    const given = readProperty(error, 'code');
    if (!isSilence(given) || performance.now() - this.#lastAt > MAX_AGE) return error;
    const { code, message } = this.#refused ?? {
      code: given,
      message: `${readText(error, 'message')}: ${this.#last}`,
    };
    return new LibrdKafkaError(code, message, { cause: error });
  }

  /** A connection stands. */
  connected(): void {
    this.#wasConnected = true;
    this.#failing.clear();
    this.#refused = undefined;
    this.#lastAt = Number.NEGATIVE_INFINITY;
  }

  /** @returns what takes the listener away */
  onFault(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** For each line of the log. */
  read({ fac, message }: LogLine): void {
    if (fac !== 'FAIL') return;
    const [, broker = '', text = ''] = LINE.exec(withoutSource(message)) ?? [];
    this.#last = text;
    this.#lastAt = performance.now();
    this.#failing.add(broker);
    if (AUTHENTICATION.test(text))
      this.#refused = new LibrdKafkaError(CODES.AUTHENTICATION, `Authentication failure: ${text}`);
    else if (SSL.test(text)) this.#refused = new LibrdKafkaError(CODES.SSL, `SSL error: ${text}`);
    // The log does not tell of connections that stand again, so only the latest failure counts.
    else if (this.#wasConnected) this.#refused = undefined;
    for (const listener of this.#listeners) listener();
  }
}
