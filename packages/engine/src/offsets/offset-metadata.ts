/** What velo writes beside a committed offset, for whoever reads the partition next. */
export interface OffsetMetadata {
  /**
   * How many partitions the topic had when the group began to read it. A partition above that number appeared later and is
   * read from the earliest, whoever meets it first and whenever.
   */
  readonly partitions?: number | undefined;
  /** The id of the topic that the offset belongs to (KIP-516): one of that name that was made again has another. */
  readonly topicId?: string | undefined;
}

const PATTERN = /^velo:(?:partitions=(\d{1,9}))?,?(?:topic=([\w-]{1,64}))?$/;

/** Of a text that anybody may have written; nothing where it is not velo's. */
export function readOffsetMetadata(text: string): OffsetMetadata {
  const [, partitions, topicId] = PATTERN.exec(text) ?? [];
  return { partitions: partitions === undefined ? undefined : Number(partitions), topicId };
}

export function writeOffsetMetadata({ partitions, topicId }: OffsetMetadata): string {
  const parts = [
    ...(partitions === undefined ? [] : [`partitions=${partitions}`]),
    ...(topicId === undefined ? [] : [`topic=${topicId}`]),
  ];
  return parts.length === 0 ? '' : `velo:${parts.join(',')}`;
}
