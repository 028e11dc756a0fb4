import type { ClientCapabilities } from '../../src/binding/binding.js';

/** Of a client that can do all but transactions. */
export const CAPABLE: ClientCapabilities = {
  binaryHeaders: true,
  nullHeaders: true,
  gzip: true,
  offsetMetadata: true,
  transactions: undefined,
};
