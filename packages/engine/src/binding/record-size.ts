import { headerBytes } from './lazy-headers.js';
import type { KafkaRecord } from './record.js';

/** About how many bytes the objects around a record's data take, with either client. */
const OBJECTS = 500;

/** Key, value, and headers without a look at them. */
export function dataInBytes({ key, value, headers }: KafkaRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers);
}

/** What a record keeps in memory, about: its data and its objects. */
export function sizeInBytes(record: KafkaRecord): number {
  return OBJECTS + dataInBytes(record);
}
