import type { KafkaHeaders } from '../binding/record.js';

/**
 * Readers of header values. They never throw: whatever is not of the form, or too long, gives `undefined`. Numbers
 * are read as bigint, since offsets have 64 bits.
 */
export type HeaderValue = Buffer | null | undefined;

/** A decimal number is never longer, in bytes: -9223372036854775808. */
const MAX_DIGITS = 20;
const MAX_INT64 = (1n << 63n) - 1n;

/** @param limit in bytes */
export function text(value: HeaderValue, limit: number): string | undefined {
  return value && value.length <= limit ? value.toString() : undefined;
}

/** The beginning of a text of any length. @param limit in bytes */
export function beginning(value: HeaderValue, limit: number): string | undefined {
  return value?.toString('utf8', 0, limit);
}

/** Decimal text. */
export function decimal(value: HeaderValue): bigint | undefined {
  const digits = text(value, MAX_DIGITS);
  return digits !== undefined && /^-?\d+$/.test(digits) ? BigInt(digits) : undefined;
}

/** What Java writes: big-endian, two's complement, 1 to 8 bytes (`ByteBuffer.putInt`, `putLong`, `BigInteger.toByteArray`). */
export function bigEndian(value: HeaderValue): bigint | undefined {
  if (!value || value.length === 0 || value.length > 8) return undefined;
  return BigInt.asIntN(value.length * 8, BigInt(`0x${value.toString('hex')}`));
}

/** What the last header gives whose name gives something. */
export function lastOf<T>(headers: KafkaHeaders, give: (name: string) => T | undefined): T | undefined {
  let last: T | undefined;
  for (const [name] of headers) last = give(name) ?? last;
  return last;
}

export function inRange(value: bigint | undefined, min: number, max: number): number | undefined {
  return value !== undefined && value >= min && value <= max ? Number(value) : undefined;
}

export const partitionOf = (value: bigint | undefined) => inRange(value, 0, 0x7fffffff);
/** -1: the record had none. Below: it is of a time before 1970. */
export const timestampOf = (value: bigint | undefined) =>
  inRange(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const offsetOf = (value: bigint | undefined) =>
  value !== undefined && value >= 0n && value <= MAX_INT64 ? String(value) : undefined;

/** `ByteBuffer.putInt` */
export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** `ByteBuffer.putLong` */
export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt.asIntN(64, value));
  return bytes;
}

/** `BigInteger.toByteArray`: as few bytes as hold the number with its sign. */
export function bigInteger(value: bigint): Buffer {
  const bytes = int64(value);
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== BigInt.asIntN(64, value)) length++;
  return bytes.subarray(8 - length);
}
