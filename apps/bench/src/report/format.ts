/** Nanoseconds with as many digits as the measurement is worth. */
export function formatNs(ns: number): string {
  if (ns >= 1_000) return Math.round(ns).toLocaleString('en-US');
  return ns >= 100 ? ns.toFixed(0) : ns.toFixed(1);
}

/** Bytes for one call; what is below two is the heap's own bookkeeping. */
export function formatBytes(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  return bytes < 2 ? '0' : Math.round(bytes).toLocaleString('en-US');
}

/** A ratio: `0.31`, `12`. */
export function formatRatio(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(0) : ratio.toFixed(2);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
