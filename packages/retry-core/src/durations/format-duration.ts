const UNITS = [
  ['d', 864e5],
  ['h', 36e5],
  ['m', 6e4],
  ['s', 1e3],
] as const;

/**
 * Milliseconds for people: `90_000` is `'1m 30s'`, `1_500` is `'1s 500ms'`, `0` is `'0ms'`, `-500` is `'-500ms'`.
 *
 * Fractions are kept to the microsecond (`0.25` is `'0.25ms'`), smaller ones rounded; above
 * `Number.MAX_SAFE_INTEGER` only days are given. NaN and the infinities are given back as JavaScript writes them.
 *
 * Each part is a text that `parseDuration` reads, and of whole milliseconds the parts add up to the value; several
 * parts together it does not read (its grammar has one number and one unit), nor a sign.
 */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) return String(ms);
  if (Math.abs(ms) > Number.MAX_SAFE_INTEGER) return `${ms / 864e5}d`;
  let rest = Math.abs(ms);
  // Above 2^43 the product is no longer exact, and no microseconds are left to round.
  if (rest < 2 ** 43) rest = Math.round(rest * 1e3) / 1e3;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    if (rest < size) continue;
    const count = Math.floor(rest / size);
    parts.push(count + unit);
    rest -= count * size;
  }
  // Taking whole units away leaves noise in the binary fraction.
  rest = Math.round(rest * 1e3) / 1e3;
  if (rest > 0 || parts.length === 0) parts.push(`${rest}ms`);
  const text = parts.join(' ');
  return ms < 0 && text !== '0ms' ? `-${text}` : text;
}
