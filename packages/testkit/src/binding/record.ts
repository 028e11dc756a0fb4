import type { OutgoingRecord } from '@velo/engine';

export function record(
  topic: string,
  partition: number,
  value: string | null,
  rest: Partial<OutgoingRecord> = {},
): OutgoingRecord {
  return { topic, partition, key: null, value, headers: [], ...rest };
}
