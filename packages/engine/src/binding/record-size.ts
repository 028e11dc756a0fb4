import { headerBytes } from './lazy-headers.js';
import type { KafkaRecord } from './record.js';

/** About how many bytes the objects around a record's data take, with either client. */
const OBJECTS = 500;

/** What a record keeps in memory, about: its bytes, headers included without a look at them, and its objects. */
export function sizeInBytes({ key, value, headers }: KafkaRecord): number {
  return OBJECTS + (key?.length ?? 0) + (value?.length ?? 0) + headerBytes(headers);
}
