import { randomBytes } from 'node:crypto';

/** A text of so many characters, each of one byte in UTF-8, that gzip makes hardly smaller. */
export function dense(length: number): string {
  return randomBytes(length).toString('base64').slice(0, length);
}
