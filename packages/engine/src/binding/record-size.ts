import { headerBytes } from './lazy-headers.js';
import type { KafkaRecord } from './record.js';

/** Of the objects around the bytes of a record, in both clients, about. */
const OBJECTS = 500;

/** What a record keeps in memory, about: its bytes, headers included without a look at them, and its objects. */
export function sizeInBytes({ key, value, headers }: KafkaRecord): number {
  return OBJECTS + (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers);
}
