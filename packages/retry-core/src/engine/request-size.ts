import type { OutgoingRecord } from './binding.js';

/**
 * The largest record that is sent, bytes of key, value and headers. Brokers close the connection over a request above
 * `socket.request.max.bytes` (100 MiB by default) and say nothing, which looks as if the network had failed, each time
 * anew; librdkafka as velo sets it up takes as much. A record that came compressed may be larger than any request.
 */
export const MAX_RECORD_BYTES = 100_000_000;

/** Texts are measured only where they could be too long: a UTF-16 unit is 3 bytes at most. */
const MAX_UNITS = MAX_RECORD_BYTES / 3;

/** What a broker would answer, if it answered at all: MESSAGE_TOO_LARGE. `undefined` for a record that can be sent. */
export function tooLarge(record: OutgoingRecord): Error | undefined {
  const bytes = sizeOf(record);
  if (bytes <= MAX_RECORD_BYTES) return undefined;
  const message = `A record of ${bytes} bytes for ${record.topic} is larger than brokers take in one request (${MAX_RECORD_BYTES} bytes, by their default of socket.request.max.bytes); it was not sent`;
  return Object.assign(new Error(message), { name: 'KafkaError', code: 10 });
}

function sizeOf({ key, value, headers }: OutgoingRecord): number {
  let bytes = lengthOf(key) + lengthOf(value);
  for (const [name, text] of headers) bytes += name.length + lengthOf(text);
  return bytes;
}

function lengthOf(part: Buffer | string | null): number {
  if (typeof part === 'string' && part.length > MAX_UNITS) return Buffer.byteLength(part);
  return part?.length ?? 0;
}
