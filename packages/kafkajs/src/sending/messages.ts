import { type OutgoingHeader, type OutgoingRecord, unwritableRecord, writablePart } from '@velo/engine';
import type { KafkaJsMessage } from '../api.js';
import { CLIENT } from '../errors.js';

/** Kafka's number of the codec. */
const GZIP = 1;

/** The compression of a send: a record in gzip comes alone. */
export function compressionOf(records: readonly OutgoingRecord[]): { readonly compression?: number } {
  return records[0]?.gzip ? { compression: GZIP } : {};
}

/** @throws what `unwritableRecord` makes, where kafkajs would fail: a null in a header, or what is no bytes */
export function toMessage({ partition, key, value, headers, timestamp }: OutgoingRecord): KafkaJsMessage {
  const message: KafkaJsMessage = {
    key: writablePart(CLIENT, key, 'key'),
    value: writablePart(CLIENT, value, 'value'),
    partition,
  };
  if (headers.length > 0) message.headers = toHeaders(headers);
  if (timestamp !== undefined) message.timestamp = String(timestamp);
  return message;
}

/** A name that comes more than once becomes a list. */
function toHeaders(headers: readonly OutgoingHeader[]): NonNullable<KafkaJsMessage['headers']> {
  // Without a prototype, so that `__proto__` is a name like others.
  const byName: Record<string, (Buffer | string)[]> = Object.create(null);
  for (const [name, value] of headers) {
    if (!isBytes(value)) throw unwritableRecord(CLIENT, `its header "${name}" is neither bytes nor text`);
    const present = byName[name];
    if (present === undefined) byName[name] = [value];
    else present.push(value);
  }
  if (!isInOrder(headers, byName)) keepOrder(headers, byName);
  return byName;
}

/** Whether kafkajs, which writes name after name, writes these headers in their order. */
function isInOrder(
  headers: readonly OutgoingHeader[],
  byName: Readonly<Record<string, readonly unknown[]>>,
): boolean {
  let at = 0;
  return Object.entries(byName).every(([name, values]) => values.every(() => headers[at++]?.[0] === name));
}

/** kafkajs asks the list of each name to `map` itself to headers: the first one gives those of all names. */
function keepOrder(headers: readonly OutgoingHeader[], byName: Readonly<Record<string, unknown[]>>): void {
  let given = headers.map(([key, value]) => ({ key, value }));
  for (const list of Object.values(byName)) {
    const own = given;
    Object.defineProperty(list, 'map', { value: () => own });
    given = [];
  }
}

function isBytes(value: unknown): value is Buffer | string {
  return typeof value === 'string' || Buffer.isBuffer(value);
}
