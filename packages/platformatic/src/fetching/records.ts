import { type KafkaHeader, type KafkaHeaders, type KafkaRecord, lazyHeaders, noHeaders } from '@velo/engine';
import type { FetchedBatch, FetchedPartition, FetchedRecord } from '../api.js';
import { Undone } from './undone.js';

/** In a batch's attributes: its records have the time at which the broker wrote them, which stands in its head. */
const LOG_APPEND_TIME = 0x08;
const CONTROL = 0x20;

/**
 * What a partition's answer holds from `position` on, without markers and what was aborted. The client leaves that to
 * its caller.
 */
export function readPartition(
  topic: string,
  { partitionIndex: partition, records: batches, abortedTransactions }: FetchedPartition,
  position: number,
): readonly KafkaRecord[] {
  const records: KafkaRecord[] = [];
  const undone = abortedTransactions?.length ? new Undone(abortedTransactions) : undefined;
  for (const batch of batches ?? []) {
    const hidden = undone?.hides(batch) ?? false;
    if (!hidden && (batch.attributes & CONTROL) === 0) addRecords(records, topic, partition, batch, position);
  }
  return records;
}

/** From where to fetch on: what stands behind the last record counts as well. */
export function nextPosition({ records: batches }: FetchedPartition, position: number): number {
  let next = position;
  for (const { firstOffset, lastOffsetDelta } of batches ?? [])
    next = Math.max(next, Number(firstOffset) + lastOffsetDelta + 1);
  return next;
}

function addRecords(
  records: KafkaRecord[],
  topic: string,
  partition: number,
  batch: FetchedBatch,
  position: number,
): void {
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
