import { type OffsetSpan, readSpans, writeSpans } from './finished-ahead.js';

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

/** What has finished beyond a committed offset. */
export interface FinishedAhead {
  /** The offset that it was committed with: beside another one it says nothing. */
  readonly committed: number;
  /** Rising, and apart from each other. */
  readonly spans: readonly OffsetSpan[];
}

/** Brokers take 4,096 bytes at their default (`offset.metadata.max.bytes`). */
export const METADATA_ROOM = 4_000;

/**
 * Ends each text, and says nothing: a member by Confluent's client drops the last byte of what another client has written, and what it
 * writes itself has a NUL behind it.
 */
const END = ';';

const PATTERN =
  /^velo:(?:partitions=(\d{1,9}))?,?(?:topic=([\w-]{1,64}))?,?(?:finished=(\d{1,16}):([\w-]{1,4000}))?;?\0?$/;

/** Of a text that anybody may have written; nothing where it is not velo's. */
export function readOffsetMetadata(text: string): OffsetMetadata {
  const [, partitions, topicId] = PATTERN.exec(text) ?? [];
  return { partitions: partitions === undefined ? undefined : Number(partitions), topicId };
}

export function readFinishedAhead(text: string): FinishedAhead | undefined {
  const [, , , committed, spans] = PATTERN.exec(text) ?? [];
  if (committed === undefined || spans === undefined) return undefined;
  return { committed: Number(committed), spans: readSpans(Number(committed), spans) };
}

export function writeOffsetMetadata({ partitions, topicId }: OffsetMetadata): string {
  const parts = [
    ...(partitions === undefined ? [] : [`partitions=${partitions}`]),
    ...(topicId === undefined ? [] : [`topic=${topicId}`]),
  ];
  return parts.length === 0 ? '' : `velo:${parts.join(',')}${END}`;
}

/**
 * Metadata with what has finished beyond `committed`, as much of it as `room` takes, in bytes. A text that is not velo's stays
 * as it is.
 *
 * @param metadata as `writeOffsetMetadata` gives it
 */
export function withFinishedAhead(
  metadata: string,
  { committed, spans }: FinishedAhead,
  room: number,
): string {
  if (spans.length === 0 || (metadata !== '' && !metadata.startsWith('velo:'))) return metadata;
  const open = metadata.endsWith(END) ? metadata.slice(0, -END.length) : metadata;
  const before = `${open === '' ? 'velo:' : `${open},`}finished=${committed}:`;
  const written = writeSpans(committed, spans, Math.min(room, METADATA_ROOM) - before.length - END.length);
  return written === '' ? metadata : before + written + END;
}
