// Part of linear-headers.ts, shown by test/linear-headers.test.ts.
/**
 * Reads Kafka's primitives from a broker's bytes. Never throws: whatever stands there, nothing is read beyond the
 * end, numbers come out as some number, and bytes as those that are there.
 */
export class ByteReader {
  readonly buffer: Buffer;
  /** Where the next read begins. */
  offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.buffer = buffer;
    this.offset = offset;
  }

  /** Bytes that are left; below 0 after a read beyond the end. */
  get left(): number {
    return this.buffer.length - this.offset;
  }

  int16(): number {
    this.offset += 2;
    return this.left < 0 ? 0 : this.buffer.readInt16BE(this.offset - 2);
  }

  int32(): number {
    this.offset += 4;
    return this.left < 0 ? 0 : this.buffer.readInt32BE(this.offset - 4);
  }

  int64(): bigint {
    this.offset += 8;
    return this.left < 0 ? 0n : this.buffer.readBigInt64BE(this.offset - 8);
  }

  /** A zigzag number of 32 or 64 bits; beyond 2^53 not to the last bit. */
  varint(): number {
    const { buffer } = this;
    let byte = buffer[this.offset++] as number;
    if (byte < 0x80) return (byte >>> 1) ^ -(byte & 1);
    let value = byte & 0x7f;
    for (let factor = 0x80; factor < LIMIT; factor *= 0x80) {
      byte = buffer[this.offset++] as number;
      value += (byte & 0x7f) * factor;
      if (!(byte >= 0x80)) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /**
   * A number without a sign, of 32 or 64 bits; beyond 2^53 not to the last bit. `varint` does not go by it: there are several
   * in each record, and that costs it a fifth.
   */
  uvarint(): number {
    let value = 0;
    for (let factor = 1; factor < LIMIT; factor *= 0x80) {
      const byte = this.buffer[this.offset++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** A part of the same memory; `null` for a length below 0. */
  bytes(length: number): Buffer | null {
    if (length < 0) return null;
    this.offset += length;
    return this.buffer.subarray(this.offset - length, this.offset);
  }

  text(length: number): string {
    this.offset += Math.max(length, 0);
    return this.buffer.toString('utf8', this.offset - Math.max(length, 0), this.offset);
  }

  skip(length: number): void {
    this.offset += Math.max(length, 0);
  }
}

/** Ten groups of seven bits hold 64. */
const LIMIT = 2 ** 70;
