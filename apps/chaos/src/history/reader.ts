import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Entry } from './entry.js';

/** A history that may still be written. A line without its end is torn, or not all there yet: it does not count. */
export class HistoryReader {
  readonly entries: Entry[] = [];
  readonly #path: string;
  #position = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Reads what has come since the last time. */
  poll(): readonly Entry[] {
    const lines = `${this.#rest}${this.#read()}`.split('\n');
    this.#rest = lines.pop() as string;
    const fresh = lines.map((line) => JSON.parse(line) as Entry);
    for (const entry of fresh) this.entries.push(entry);
    return fresh;
  }

  #read(): string {
    if (!existsSync(this.#path)) return '';
    const file = openSync(this.#path, 'r');
    try {
      const buffer = Buffer.alloc(fstatSync(file).size - this.#position);
      const length = readSync(file, buffer, 0, buffer.length, this.#position);
      this.#position += length;
      return buffer.toString('latin1', 0, length);
    } finally {
      closeSync(file);
    }
  }
}
