import { decodeHeaders } from './header-codec.js';
import type { KafkaHeader, KafkaHeaders } from './record.js';

/** Headers whose entries are made at the first look: most handlers never look. */
class LazyHeaders implements KafkaHeaders {
  #read: (() => readonly KafkaHeader[]) | undefined;
  #entries: readonly KafkaHeader[] = [];

  constructor(read: () => readonly KafkaHeader[]) {
    this.#read = read;
  }

  #list(): readonly KafkaHeader[] {
    if (this.#read !== undefined) {
      this.#entries = decodeHeaders(this.#read());
      this.#read = undefined;
    }
    return this.#entries;
  }

  get(name: string): Buffer | null | undefined {
    return this.#list().findLast(([candidate]) => candidate === name)?.[1];
  }

  all(name: string): readonly (Buffer | null)[] {
    return this.#list()
      .filter(([candidate]) => candidate === name)
      .map(([, value]) => value);
  }

  [Symbol.iterator](): Iterator<KafkaHeader> {
    return this.#list()[Symbol.iterator]();
  }
}

/**
 * Headers over entries that are read once, at the first look; what velo had to encode stands where it was.
 * `read` must not throw.
 */
export function lazyHeaders(read: () => readonly KafkaHeader[]): KafkaHeaders {
  return new LazyHeaders(read);
}

/** The headers of a record that has none. */
export const noHeaders: KafkaHeaders = /* @__PURE__ */ lazyHeaders(() => []);
