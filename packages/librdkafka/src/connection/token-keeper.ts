import { inTime, type Logger, safeLogger, tooLate } from '@velo/engine';
import { foreignMessage, systemClock } from '@velo/retry-core';
import type { RdKafkaClient } from '../api.js';
import { noToken } from '../errors/errors.js';

/** Gives an access token for SASL/OAUTHBEARER, each time a new one. */
export type TokenSource = () => Promise<string>;

/** ms. For the source's answer. */
const ANSWER_LIMIT = 30_000;
/** Of a token's remaining life: then the next one is asked for. */
const REFRESH_AT = 0.8;
/** ms. A token that does not say when it ends is replaced as often. */
const OPAQUE_LIFE = 5 * 60_000;
/** ms. Of the waits for the next token; a longer one would not fit a timer. */
const MIN_WAIT = 1_000;
const MAX_WAIT = 24 * 3_600_000;
/** ms. After a source that has failed. */
const RETRY_WAIT = 5_000;

/**
 * Keeps the token of clients that are connected. Where a client has librdkafka show what it was given for ever, whoever gives
 * it replaces it before it ends; where librdkafka asks, it is told when that is.
 */
export class TokenKeeper {
  readonly #source: TokenSource;
  readonly #logger: Logger | undefined;
  readonly #clients = new Set<RdKafkaClient>();
  #token: string | undefined;
  /** When the token ends, ms since 1970. */
  #end = 0;
  /** When the next one is due, by the monotonic clock; ms. */
  #due = Number.NEGATIVE_INFINITY;
  #asking: Promise<string> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: TokenSource, logger?: Logger) {
    this.#source = source;
    this.#logger = logger && safeLogger(logger);
  }

  /** The last token there was; for a client that is short-lived. */
  get current(): string | undefined {
    return this.#token;
  }

  /** A token, and when it ends, ms since 1970. @throws if there is none to be had */
  async ask(): Promise<{ readonly token: string; readonly end: number }> {
    const token = await this.#valid();
    return { token, end: this.#end };
  }

  /** Gives the client a token, now and whenever there is a new one. @throws if there is none to be had */
  async serve(client: RdKafkaClient): Promise<void> {
    const token = await this.#valid();
    client.setOauthBearerToken?.(token);
    this.#clients.add(client);
    this.#schedule(this.#due - performance.now());
  }

  /** The client has gone. */
  forget(client: RdKafkaClient): void {
    this.#clients.delete(client);
    if (this.#clients.size === 0) clearTimeout(this.#timer);
  }

  async #valid(): Promise<string> {
    if (this.#token !== undefined && performance.now() < this.#due) return this.#token;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<string> {
    const call = 'the request for one';
    const answer = Promise.resolve().then(this.#source);
    const token: unknown = await inTime(ANSWER_LIMIT, answer, () =>
      tooLate('token()', call, ANSWER_LIMIT),
    ).catch((error: unknown) => {
      throw noToken(error);
    });
    if (typeof token !== 'string' || token === '')
      throw noToken(new TypeError(`a text is expected, got ${token === '' ? 'an empty one' : typeof token}`));
    const now = systemClock.wallTime();
    const end = endOf(token);
    const wait = end === undefined ? OPAQUE_LIFE : (end - now) * REFRESH_AT;
    this.#token = token;
    this.#end = end ?? now + OPAQUE_LIFE / REFRESH_AT;
    this.#due = performance.now() + Math.min(MAX_WAIT, Math.max(MIN_WAIT, wait));
    return token;
  }

  #schedule(wait: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), Math.max(0, wait));
  }

  async #refresh(): Promise<void> {
    try {
      const token = await this.#valid();
      for (const client of this.#clients) client.setOauthBearerToken?.(token);
      if (this.#clients.size > 0) this.#schedule(this.#due - performance.now());
    } catch (error) {
      if (this.#clients.size === 0) return;
      this.#logger?.error(`${foreignMessage(error)} It is asked again in ${RETRY_WAIT / 1_000} s.`);
      this.#schedule(RETRY_WAIT);
    }
  }
}

/** `exp` of a JWT, in ms since 1970. */
function endOf(token: string): number | undefined {
  try {
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return Number.isFinite(exp) ? exp * 1_000 : undefined;
  } catch {
    return undefined;
  }
}
