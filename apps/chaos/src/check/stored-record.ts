import type { Message } from 'node-rdkafka';
import { originOf } from '../history/origin.js';
import { nameOfValue } from '../plan/records.js';

/** A record as it stands in a topic at the end of the run. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** ms since 1970; a copy's is when it was sent. */
  readonly timestamp: number;
  /** By its value, see `nameOf`; nothing where that is spoiled. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** Where it first stood, and its name, see `originOf`; for a copy, as its headers say. */
  readonly origin: string;
  /** What a dead letter's headers say. */
  readonly attempts: number;
  readonly reason: string;
  readonly message: string;
}

export function storedRecord(message: Message): StoredRecord {
  const { topic, partition, offset, timestamp = 0, value, headers = [] } = message;
  const name = nameOfValue(value);
  const header = (asked: string) => headers.find((one) => asked in one)?.[asked]?.toString();
  return {
    topic,
    partition,
    offset,
    timestamp,
    name,
    key: message.key?.toString() ?? '',
    value: value?.toString() ?? '',
    origin: originOf({ topic, partition, offset, name }, header),
    attempts: Number(header('velo-attempt') ?? ''),
    reason: header('velo-reason') ?? '',
    message: header('velo-error-message') ?? '',
  };
}
