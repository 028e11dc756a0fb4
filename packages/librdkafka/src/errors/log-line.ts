import type { TopicPartition } from '@velo/engine';

/** A line of librdkafka's log. */
export interface LogLine {
  /** What it is about: `FAIL` is a connection that failed, `OFFSET` a position that was reset. */
  readonly fac: string;
  readonly message: string;
}

/** `orders [3]: offset reset (at offset 17 (leader epoch 2), broker 1) to …` */
const OFFSET_RESET = /(\S+) \[(\d+)\]: offset reset \(at offset (\d+)/;

/** The partition whose position was out of range, and that position. @returns `undefined` for a line about something else */
export function readOffsetReset({
  fac,
  message,
}: LogLine): (TopicPartition & { readonly offset: number }) | undefined {
  const [, topic, partition, offset] = (fac === 'OFFSET' && OFFSET_RESET.exec(message)) || [];
  return topic === undefined ? undefined : { topic, partition: Number(partition), offset: Number(offset) };
}
