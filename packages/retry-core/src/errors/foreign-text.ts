import { messageChain } from './message-chain.js';
import { printable } from './printable.js';
import { stripSecrets } from './strip-secrets.js';

/** Of a text that long, in UTF-16 units, secrets are looked for; what is beyond is dropped. */
const WINDOW = 8 * 1024;
/** Of what is quoted, in UTF-16 units. */
const LIMIT = 500;

/**
 * A text that velo has not written (of an error, a record, a broker), as its own messages may quote it: in one line,
 * without control characters and without what looks like secrets. Whoever can make a handler fail chooses such texts, and
 * a log is read by terminals and by programs that take each line for an entry.
 *
 * @param limit in UTF-16 units; 500 if left out
 */
export function foreignText(text: string, limit = LIMIT): string {
  // Secrets first: one that was cut in two is not known for one.
  return printable(stripSecrets(text.slice(0, WINDOW)), limit);
}

/** The message of anything that was thrown, with its causes, as a log or an explanation may quote it. Never throws. */
export function foreignMessage(error: unknown, limit = LIMIT): string {
  return foreignText(messageChain(error), limit);
}
