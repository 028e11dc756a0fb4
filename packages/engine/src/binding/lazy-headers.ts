import { decodeHeaders } from './header-codec.js';
import type { KafkaHeader, KafkaHeaders } from './record.js';

type Copy = <B extends Buffer | null>(bytes: B) => B;
export type ReadHeaders = (raw: Buffer) => readonly KafkaHeader[];

const NONE = /* @__PURE__ */ Buffer.alloc(0);

/** Headers whose entries are made at the first look: most handlers never look. */
class LazyHeaders implements KafkaHeaders {
  #read: ReadHeaders | undefined;
  #raw: Buffer;
  #entries: readonly KafkaHeader[] = [];
  /** About how many bytes they keep in memory. */
  readonly bytes: number;

  constructor(read: ReadHeaders, bytes: number, raw: Buffer) {
    this.#read = read;
    this.#raw = raw;
    this.bytes = bytes;
  }

  /** Moves the values to memory of their own. Headers that nobody has looked at stay unread. */
  own(copy: Copy): void {
    const own = (entries: readonly KafkaHeader[]) =>
      entries.map(([name, value]) => [name, copy(value)] as const);
    if (this.#read === undefined) this.#entries = own(this.#entries);
    else if (this.#raw.length > 0) this.#raw = copy(this.#raw);
    else {
      const entries = own(this.#read(NONE));
      this.#read = () => entries;
    }
  }

  #list(): readonly KafkaHeader[] {
    if (this.#read !== undefined) {
      this.#entries = decodeHeaders(this.#read(this.#raw));
      this.#read = undefined;
      this.#raw = NONE;
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
 * Headers whose entries are read once, at the first look. Those that velo had to encode (`header-codec.ts`) stand
 * again where they were. `read` must not throw.
 *
 * @param bytes of all names and values, so that the buffer's limits hold for them too
 * @param raw what `read` reads, where the client has not taken the headers apart
 */
export function lazyHeaders(read: ReadHeaders, bytes: number, raw: Buffer = NONE): KafkaHeaders {
  return new LazyHeaders(read, bytes, raw);
}

/** Bytes of all names and values; 0 where nobody has said so. */
export function headerBytes(headers: KafkaHeaders): number {
  return headers instanceof LazyHeaders ? headers.bytes : 0;
}

/** Copies values that should not stay where they are. */
export function ownHeaders(headers: KafkaHeaders, copy: Copy): void {
  if (headers instanceof LazyHeaders && headers.bytes > 0) headers.own(copy);
}

/** The headers of a record that has none. */
export const noHeaders: KafkaHeaders = /* @__PURE__ */ lazyHeaders(() => [], 0);
