import { type KafkaHeader, type KafkaHeaders, type KafkaRecord, lazyHeaders, noHeaders } from '@velo/engine';
import type { FetchedBatch, FetchedPartition, FetchedRecord } from '../api.js';
import { unreadable } from '../errors.js';
import { Undone } from './undone.js';

/** In a batch's attributes: its records have the time at which the broker wrote them, which stands in its head. */
const LOG_APPEND_TIME = 0x08;
const CONTROL = 0x20;

/** So many records are given together: each start of a lane is paid by all of them, and few are in memory. */
const TOGETHER = 256;

/**
 * What a partition's answer holds from `position` on, some records at a time, without markers and what was aborted. The
 * client leaves that to its caller.
 *
 * @throws where bytes make no sense
 */
export function* readPartition(
  topic: string,
  { partitionIndex: partition, records: batches, abortedTransactions }: FetchedPartition,
  position: number,
): Generator<readonly KafkaRecord[], void> {
  const undone = abortedTransactions?.length ? new Undone(abortedTransactions) : undefined;
  let records: KafkaRecord[] = [];
  for (const batch of readable(topic, partition, batches ?? [])) {
    const hidden = undone?.hides(batch) ?? false;
    if (hidden || (batch.attributes & CONTROL) !== 0) continue;
    const first = Number(batch.firstOffset);
    const firstTimestamp = Number(batch.firstTimestamp);
    const appended = (batch.attributes & LOG_APPEND_TIME) !== 0 ? Number(batch.maxTimestamp) : undefined;
    for (const record of batch.records) {
      const offset = first + record.offsetDelta;
      // A batch comes whole, also where the position is within it.
      if (offset < position) continue;
      records.push({
        topic,
        partition,
        offset: String(offset),
        timestamp: appended ?? firstTimestamp + Number(record.timestampDelta),
        key: record.key,
        value: record.value,
        headers: record.headers.length === 0 ? noHeaders : toHeaders(record.headers),
      });
      if (records.length < TOGETHER) continue;
      yield records;
      records = [];
    }
  }
  if (records.length > 0) yield records;
}

/** From where to fetch on: what stands behind the last record counts as well. @throws where bytes make no sense */
export function nextPosition(
  topic: string,
  { partitionIndex, records }: FetchedPartition,
  position: number,
): number {
  try {
    return Math.max(position, records?.end ?? position);
  } catch (error) {
    throw unreadable(topic, partitionIndex, error);
  }
}

function* readable(
  topic: string,
  partition: number,
  batches: Iterable<FetchedBatch>,
): Generator<FetchedBatch, void> {
  try {
    yield* batches;
  } catch (error) {
    throw unreadable(topic, partition, error);
  }
}

function toHeaders(headers: FetchedRecord['headers']): KafkaHeaders {
  let bytes = 0;
  for (const [name, value] of headers) bytes += (name?.length ?? 0) + (value?.length ?? 0);
  return lazyHeaders(() => headers.map(toEntry), bytes);
}

function toEntry([name, value]: FetchedRecord['headers'][number]): KafkaHeader {
  return [name?.toString() ?? '', value];
}
