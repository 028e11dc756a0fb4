import { isSource } from '../plan/topics.js';

/** What is asked of a record, as any client has it. */
export interface Located {
  readonly topic: string;
  readonly partition: number | string;
  readonly offset: number | string;
  /** What it is called: see `nameOf`. */
  readonly name: string;
}

/**
 * Where a record first stood, and its name: `orders 3 42 record-17`. A topic that was made again has the same offsets
 * once more, for other records.
 *
 * @param header of the record, by its name; of a copy they tell where its record stood
 */
export function originOf(
  { topic, partition, offset, name }: Located,
  header: (name: string) => string | undefined,
): string {
  if (isSource(topic)) return originAt(topic, partition, offset, name);
  const original = (part: string) => header(`velo-original-${part}`) ?? '?';
  return originAt(original('topic'), original('partition'), original('offset'), name);
}

export function originAt(
  topic: string,
  partition: number | string,
  offset: number | string,
  name: string,
): string {
  return `${topic} ${partition} ${offset} ${name}`;
}
