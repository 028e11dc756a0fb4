import { printable } from '../format.js';

/** An error's message without what differs between errors of one kind: the text before `: `, and the cause's code. */
export function whatFailed(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const kind = message.split(': ')[0] ?? message;
  const code = codeOf(error instanceof Error ? error.cause : undefined);
  return printable(code === undefined ? kind : `${kind} (${code})`, 60);
}

function codeOf(cause: unknown): string | undefined {
  const code = (cause as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}
