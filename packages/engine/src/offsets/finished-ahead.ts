/** Offsets from `begin` up to, and not with, `end`. */
export interface OffsetSpan {
  readonly begin: number;
  readonly end: number;
}

/** More are never written, and not believed. */
const MOST_SPANS = 4_096;
/** Bits of a byte that carry the number; the eighth says that more follow. */
const BITS = 7;
const MORE = 1 << BITS;

/**
 * What has finished beyond a committed offset, in so many characters; what does not fit is left out from the end, and comes
 * again after a crash. The unfinished and the finished lengths in turn, as variable-length numbers (LEB128) in base64url.
 *
 * @param spans rising, above `committed`, and apart from each other
 * @returns an empty text where nothing fits
 */
export function writeSpans(committed: number, spans: readonly OffsetSpan[], room: number): string {
  const bytes: number[] = [];
  // Four characters for three bytes, and none for padding.
  const most = Math.floor((Math.max(0, room) * 3) / 4);
  let at = committed;
  for (const { begin, end } of spans.slice(0, MOST_SPANS)) {
    const pair = [...varint(begin - at), ...varint(end - begin)];
    if (bytes.length + pair.length > most) break;
    bytes.push(...pair);
    at = end;
  }
  return Buffer.from(bytes).toString('base64url');
}

/** Of a text that anybody may have written: what is broken ends it. */
export function readSpans(committed: number, text: string): OffsetSpan[] {
  const bytes = Buffer.from(text, 'base64url');
  const spans: OffsetSpan[] = [];
  let at = committed;
  let index = 0;
  const next = (): number | undefined => {
    let number = 0;
    for (let factor = 1; index < bytes.length && factor <= 2 ** 49; factor *= MORE) {
      const byte = bytes[index++] as number;
      number += (byte % MORE) * factor;
      if (byte < MORE) return number;
    }
    return undefined;
  };
  while (spans.length < MOST_SPANS) {
    const unfinished = next();
    const finished = next();
    if (unfinished === undefined || finished === undefined || finished === 0) break;
    const begin = at + unfinished;
    const end = begin + finished;
    if (!Number.isSafeInteger(end)) break;
    spans.push({ begin, end });
    at = end;
  }
  return spans;
}

function varint(number: number): number[] {
  const bytes: number[] = [];
  let left = number;
  for (; left >= MORE; left = Math.floor(left / MORE)) bytes.push((left % MORE) + MORE);
  bytes.push(left);
  return bytes;
}
