import { createHash } from 'node:crypto';

/**
 * The film's own identity: its line in the input and a hash of its bytes, so that two equal lines are two films,
 * and a record whose bytes were changed on the way no longer fits its identity.
 */
export function identify(line: number, bytes: Uint8Array): string {
  return `${line}-${digest(bytes)}`;
}

/** Whether these bytes are still those that the identity was made of. */
export function fitsIdentity(identity: string, bytes: Uint8Array): boolean {
  return identity.slice(identity.indexOf('-') + 1) === digest(bytes);
}

/** 64 bits of SHA-256, in hexadecimal digits: enough to tell a file's lines apart. */
function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
