/** Aborted with one or the other, until `end`: `AbortSignal.any` would stay with a long-lived one for as long as that lives. */
export function eitherSignal(
  own: AbortSignal,
  given: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const sources = given === undefined ? [own] : [own, given];
  for (const source of sources) {
    if (source.aborted) abort();
    source.addEventListener('abort', abort, { once: true });
  }
  const end = () => {
    for (const source of sources) source.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, end };
}
