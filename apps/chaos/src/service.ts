import { existsSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** The service that all handlers call. While it is away, there is a file that says so: each process sees it in the same moment. */
export class Service {
  readonly #file: string;

  constructor(folder: string) {
    this.#file = join(folder, 'service-is-away');
  }

  get isAway(): boolean {
    return existsSync(this.#file);
  }

  leave(): void {
    writeFileSync(this.#file, '');
  }

  async comeBack(): Promise<void> {
    await rm(this.#file, { force: true });
  }
}
