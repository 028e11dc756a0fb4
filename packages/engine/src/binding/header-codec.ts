import type { ClientCapabilities, OutgoingHeader } from './binding.js';
import type { KafkaHeader } from './record.js';

/**
 * Carries what a client's own headers cannot: null values, bytes that are no text, names with a NUL. They travel in one
 * text header, JSON of `[position, name, base64 or null]`, and velo's reader puts them back where they were, whatever
 * their size: what a record may hold is the brokers' affair, and reading takes time in proportion to it.
 */
const CARRIER = 'velo-headers';

export function encodeHeaders(
  headers: readonly OutgoingHeader[],
  capabilities: ClientCapabilities,
): readonly OutgoingHeader[] {
  if (headers.length === 0 || headers.every((header) => isCarried(header, capabilities))) return headers;
  const carried: OutgoingHeader[] = [];
  const packed: [number, string, string | null][] = [];
  headers.forEach(([name, value], position) => {
    if (isCarried([name, value], capabilities)) carried.push([name, value]);
    else packed.push([position, name, value === null ? null : toBase64(value)]);
  });
  return [...carried, [CARRIER, JSON.stringify(packed)]];
}

/**
 * The bytes of all names and values that `encodeHeaders` will make, without making them. Texts count by their length.
 */
export function bytesAsSent(headers: readonly OutgoingHeader[], capabilities: ClientCapabilities): number {
  let bytes = 0;
  let packed = 0;
  headers.forEach((header, position) => {
    const [name, value] = header;
    if (isCarried(header, capabilities)) bytes += name.length + (value?.length ?? 0);
    else packed += Buffer.byteLength(`[${position},${JSON.stringify(name)},],`) + lengthInBase64(value);
  });
  return packed === 0 ? bytes : bytes + CARRIER.length + '[]'.length + packed - ','.length;
}

/** Never throws: a carrier that is broken stays an ordinary header. */
export function decodeHeaders(headers: readonly KafkaHeader[]): readonly KafkaHeader[] {
  const at = headers.findLastIndex(([name]) => name === CARRIER);
  const carrier = headers[at]?.[1];
  if (!carrier) return headers;
  let packed: unknown;
  try {
    packed = JSON.parse(carrier.toString());
  } catch {
    return headers;
  }
  if (!Array.isArray(packed) || !packed.every(isPacked)) return headers;
  const others = headers.filter((_, i) => i !== at).reverse();
  const restored: KafkaHeader[] = [];
  for (const [position, name, text] of packed.sort((a, b) => a[0] - b[0])) {
    while (restored.length < position && others.length > 0) restored.push(others.pop() as KafkaHeader);
    restored.push([name, text === null ? null : fromBase64(text)]);
  }
  return restored.concat(others.reverse());
}

function isCarried(
  [name, value]: OutgoingHeader,
  { binaryHeaders, nullHeaders }: ClientCapabilities,
): boolean {
  // Clients that are written in C end a name there, whatever they do with values.
  if (name.includes('\0')) return false;
  return value === null ? nullHeaders : binaryHeaders || isText(value);
}

/** Without NUL, and the same after a round trip through UTF-8. */
function isText(value: Buffer | string): boolean {
  if (typeof value === 'string') return !value.includes('\0');
  return !value.includes(0) && Buffer.from(value.toString()).equals(value);
}

function isPacked(entry: unknown): entry is [number, string, string | null] {
  return (
    Array.isArray(entry) &&
    entry.length === 3 &&
    Number.isInteger(entry[0]) &&
    entry[0] >= 0 &&
    typeof entry[1] === 'string' &&
    (entry[2] === null || typeof entry[2] === 'string')
  );
}

function toBase64(value: Buffer | string): string {
  return (typeof value === 'string' ? Buffer.from(value) : value).toString('base64');
}

/** Of the JSON text, its quotes included. */
function lengthInBase64(value: Buffer | string | null): number {
  if (value === null) return 'null'.length;
  return 2 + 4 * Math.ceil(Buffer.byteLength(value) / 3);
}

function fromBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}
