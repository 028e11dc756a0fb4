import { VeloError } from '@velo/retry-core';
import type { ClientCapabilities, OutgoingHeader, OutgoingRecord } from '../binding/binding.js';
import { encodeHeaders } from '../binding/header-codec.js';
import type { Partitions } from './partition-counts.js';
import { partitionForKey } from './partitioner.js';

export interface ProducerMessage {
  readonly key?: Buffer | string | null | undefined;
  readonly value: Buffer | string | null;
  /** A name with several values is sent as several headers. */
  readonly headers?:
    | Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
    | Iterable<OutgoingHeader>
    | undefined;
  /** @default by the key (murmur2, as Java's clients); without a key, one partition that has a leader a send, in turn */
  readonly partition?: number | undefined;
  /** ms since 1970. @default the time of the send */
  readonly timestamp?: number | undefined;
}

export type HeaderValue = Buffer | string | null;

export interface TopicMessages {
  readonly topic: string;
  readonly messages: readonly ProducerMessage[];
}

/**
 * @param turn which partition takes what has no key
 * @throws {VeloError} `VELO_INVALID_OPTION` for a partition that the topic does not have
 */
export function toRecord(
  topic: string,
  message: ProducerMessage,
  partitions: Partitions,
  turn: number,
  capabilities: ClientCapabilities,
): OutgoingRecord {
  const key = message.key ?? null;
  return {
    topic,
    partition: partitionFor(topic, key, message.partition, partitions, turn),
    key,
    value: message.value ?? null,
    headers: encodeHeaders(toHeaders(message.headers), capabilities),
    timestamp: message.timestamp,
  };
}

function partitionFor(
  topic: string,
  key: Buffer | string | null,
  asked: number | undefined,
  { count, led }: Partitions,
  turn: number,
): number {
  if (asked === undefined && key === null) return led?.[turn % led.length] ?? turn % count;
  const partition = asked ?? partitionForKey(bytesOf(key as Buffer | string), count);
  if (Number.isInteger(partition) && partition >= 0 && partition < count) return partition;
  throw new VeloError(
    'VELO_INVALID_OPTION',
    `partition is ${partition}, but ${topic} has the partitions 0 to ${count - 1}. Nothing of this call was sent. Leave the partition out, or name one that there is.`,
  );
}

function bytesOf(key: Buffer | string): Uint8Array {
  return typeof key === 'string' ? new TextEncoder().encode(key) : key;
}

function toHeaders(headers: ProducerMessage['headers']): readonly OutgoingHeader[] {
  if (headers === undefined || headers === null) return [];
  if (Symbol.iterator in headers) return [...headers];
  return Object.entries(headers).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one: HeaderValue) => [name, one] as const),
  );
}
