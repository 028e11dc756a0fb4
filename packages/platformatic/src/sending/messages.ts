import { type OutgoingHeader, type OutgoingRecord, unwritableRecord, writablePart } from '@velo/engine';
import type { PlatformaticMessage } from '../api.js';
import { CLIENT } from '../errors.js';

/** The compression of a send: a record in gzip comes alone. */
export function compressionOf(records: readonly OutgoingRecord[], usual: string): string {
  return records[0]?.gzip ? 'gzip' : usual;
}

/** @throws what `unwritableRecord` makes, for what is no bytes */
export function toMessage({
  topic,
  partition,
  key,
  value,
  headers,
  timestamp,
}: OutgoingRecord): PlatformaticMessage {
  return {
    topic,
    partition,
    key: toBytes(writablePart(CLIENT, key, 'key')),
    value: toBytes(writablePart(CLIENT, value, 'value')),
    headers: toHeaders(headers),
    ...(timestamp !== undefined && { timestamp: BigInt(timestamp) }),
  };
}

function toHeaders(headers: readonly OutgoingHeader[]): Map<Buffer, Buffer | null> {
  return new Map(
    headers.map(([name, value]) => {
      if (value !== null && typeof value !== 'string' && !Buffer.isBuffer(value))
        throw unwritableRecord(CLIENT, `its header "${name}" is neither bytes nor text nor null`);
      return [Buffer.from(name), toBytes(value)];
    }),
  );
}

function toBytes(value: Buffer | string | null): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
