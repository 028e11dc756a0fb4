import { stripSecrets } from '@velo/retry-core';

/** What is shorter is looked for as a word by itself: else a password of one letter would blot out the text. */
const SHORT = 4;

/** Passwords, keys and tokens of this run. Whatever is told beside the results goes through `strip`. */
export class Secrets {
  readonly #known = new Set<string>();

  add(secret: string | undefined): void {
    if (secret === undefined || secret === '') return;
    this.#known.add(secret);
    this.#known.add(JSON.stringify(secret).slice(1, -1));
    this.#known.add(Buffer.from(secret).toString('base64'));
    this.#known.add(encodeURIComponent(secret));
  }

  /** The text without these secrets, and without what else looks like one. */
  strip(text: string): string {
    let rest = text;
    // The longest first: one may hold another.
    for (const secret of [...this.#known].sort((a, b) => b.length - a.length)) {
      rest =
        secret.length < SHORT
          ? rest.replace(new RegExp(`(?<![\\p{L}\\d])${literally(secret)}(?![\\p{L}\\d])`, 'gu'), '***')
          : rest.replaceAll(secret, '***');
    }
    return stripSecrets(rest);
  }
}

const literally = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
