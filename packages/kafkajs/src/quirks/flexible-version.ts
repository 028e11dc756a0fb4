// No quirk itself: the flexible versions of Kafka's protocol (KIP-482), of which kafkajs knows few.
import type { ByteReader } from './byte-reader.js';

/**
 * No tagged fields. In a flexible version they end the header and each structure, and lengths are varints of one more than
 * the length; 0 stands for null.
 */
export const NO_TAGS = Buffer.of(0);

/** An item takes a byte at least, so a forged length ends with the bytes. */
export function readList<T>(reader: ByteReader, item: () => T): T[] {
  const items: T[] = [];
  for (let left = reader.uvarint() - 1; left > 0 && reader.left > 0; left--) {
    items.push(item());
    skipTags(reader);
  }
  return items;
}

export function readText(reader: ByteReader): string {
  return reader.text(reader.uvarint() - 1);
}

export function skipTags(reader: ByteReader): void {
  for (let left = reader.uvarint(); left > 0 && reader.left > 0; left--) {
    reader.uvarint();
    reader.skip(reader.uvarint());
  }
}

/** @param items the fields of each */
export function list(items: readonly (readonly Buffer[])[]): Buffer {
  return Buffer.concat([uvarint(items.length + 1), ...items.flatMap((item) => [...item, NO_TAGS])]);
}

export function text(value: string | null): Buffer {
  if (value === null) return uvarint(0);
  const bytes = Buffer.from(value);
  return Buffer.concat([uvarint(bytes.length + 1), bytes]);
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80);
  return Buffer.of(...bytes, left);
}
