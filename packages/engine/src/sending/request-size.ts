import type { ClientCapabilities, OutgoingRecord } from '../binding/binding.js';
import { bytesAsSent } from '../binding/header-codec.js';

/**
 * The largest record that is sent, in bytes of key, value and headers. A broker closes the connection without an
 * answer over a request above its `socket.request.max.bytes` (100 MiB by default), which looks like a failing network
 * each time. librdkafka, as velo sets it up, takes as much. A source may hold larger records: those that came
 * compressed.
 */
export const MAX_RECORD_BYTES = 100_000_000;

/**
 * The largest record that is sent in gzip, in bytes before compression: while it is compressed, it is in memory three
 * times.
 */
export const MAX_GZIP_RECORD_BYTES = 256_000_000;

/** Texts are measured only where they could be too long: a UTF-16 unit is 3 bytes at most. */
const MAX_UNITS = MAX_RECORD_BYTES / 3;
/** The most bytes that encoding makes of one byte of a header's name. */
const MAX_GROWTH = 6;

/** What a broker would answer, if it answered at all: MESSAGE_TOO_LARGE. `undefined` for a record that can be sent. */
export function tooLarge(record: OutgoingRecord, capabilities: ClientCapabilities): Error | undefined {
  const most = record.gzip ? MAX_GZIP_RECORD_BYTES : MAX_RECORD_BYTES;
  const plain = sizeOf(record);
  // Headers are looked at only where they could matter, since that takes time.
  if (plain <= most / MAX_GROWTH) return undefined;
  const growth = plain > most ? 0 : growthOf(record, capabilities);
  const bytes = plain + growth;
  if (bytes <= most) return undefined;
  const message = `A record of ${bytes} bytes for ${record.topic} is larger than ${limit(record)}; it was not sent${explainGrowth(growth)}`;
  return Object.assign(new Error(message), { name: 'KafkaError', code: 10 });
}

function limit({ gzip }: OutgoingRecord): string {
  return gzip
    ? `velo compresses (${MAX_GZIP_RECORD_BYTES} bytes)`
    : `brokers take in one request (${MAX_RECORD_BYTES} bytes, by their default of socket.request.max.bytes)`;
}

/** How many bytes the headers gain by encoding, since the client cannot carry them as they are. */
export function growthOf({ headers }: OutgoingRecord, capabilities: ClientCapabilities): number {
  return bytesAsSent(headers, capabilities) - bytesOfHeaders(headers);
}

/** For the end of a sentence about a record that is too large; empty where its headers have no part in it. */
export function explainGrowth(growth: number): string {
  return growth <= 0
    ? ''
    : `. ${growth} bytes of it come from its headers: the client carries text alone, so velo writes others in base64`;
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  return lengthOf(key) + lengthOf(value) + bytesOfHeaders(headers);
}

function bytesOfHeaders(headers: OutgoingRecord['headers']): number {
  return headers.reduce((sum, [name, text]) => sum + name.length + lengthOf(text), 0);
}

function lengthOf(part: Buffer | string | null): number {
  if (typeof part === 'string' && part.length > MAX_UNITS) return Buffer.byteLength(part);
  return part?.length ?? 0;
}
