import { BrokerLines, type Contact, type Line, newLine, readProperty } from '@velo/engine';
import type { Address } from '../api.js';
import { addressOf } from './address-of.js';

/** Which brokers answer a member. */
export class BrokerContact {
  /** What is no answer is all that a request fails with: codes of brokers are answers that it resolves with. */
  readonly #lines = new BrokerLines<Line>({ isAnswer: () => false, isRefusal }, newLine);

  get facts(): Contact {
    return this.#lines.facts;
  }

  line(broker: Address, purpose: string): Line {
    return this.#lines.line(addressOf(broker), purpose);
  }

  attempt<T>(line: Line, wait: number, run: () => Promise<T>, connecting: boolean): Promise<T> {
    return this.#lines.attempt(line, wait, run, connecting);
  }
}

/** The client keeps Node's code of a socket that failed in the cause; a connection that is closed has none. */
function isRefusal(error: unknown): boolean {
  if (readProperty(error, 'message') === 'Connection closed') return true;
  return typeof readProperty(readProperty(error, 'cause'), 'code') === 'string';
}
