import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ALL_TOPICS } from '../plan/topics.js';
import { READER_PROGRAM } from '../programs.js';
import type { StoredRecord } from './stored-record.js';

type EndsOf = (topic: string) => Promise<ReadonlyMap<number, number>>;

/** What a reader is told. */
export interface ReaderSettings {
  /** librdkafka's properties that lead to the brokers. */
  readonly connection: Readonly<Record<string, string>>;
  readonly ends: readonly { readonly topic: string; readonly partition: number; readonly end: number }[];
}

/** Of what a reader prints, bytes: a million records. */
const MOST = 500_000_000;

/**
 * Reads topics from the first record to their ends, with librdkafka alone: committed records only. (kafkajs shows some of
 * transactions that were undone.)
 *
 * @param connection librdkafka's properties that lead to the brokers
 * @param endsOf the end of each partition of a topic
 */
export async function readBack(
  connection: ReaderSettings['connection'],
  endsOf: EndsOf,
  topics: readonly string[] = ALL_TOPICS,
): Promise<StoredRecord[]> {
  return read(connection, await endsOfAll(endsOf, topics));
}

/** Behind the last record that a reader sees, by `topic partition`. */
export async function visibleEnds(
  connection: ReaderSettings['connection'],
  endsOf: EndsOf,
  topics: readonly string[],
): Promise<Map<string, number>> {
  const all = await endsOfAll(endsOf, topics);
  const ends = new Map(all.map(({ topic, partition }) => [`${topic} ${partition}`, 0]));
  for (const { topic, partition, offset } of await read(connection, all)) {
    const key = `${topic} ${partition}`;
    ends.set(key, Math.max(ends.get(key) ?? 0, offset + 1));
  }
  return ends;
}

async function endsOfAll(endsOf: EndsOf, topics: readonly string[]): Promise<ReaderSettings['ends']> {
  const ends: ReaderSettings['ends'][number][] = [];
  for (const topic of topics)
    for (const [partition, end] of await endsOf(topic)) ends.push({ topic, partition, end });
  return ends;
}

async function read(
  connection: ReaderSettings['connection'],
  all: ReaderSettings['ends'],
): Promise<StoredRecord[]> {
  const ends = all.filter(({ end }) => end > 0);
  if (ends.length === 0) return [];
  const settings: ReaderSettings = { connection, ends };
  const { stdout } = await promisify(execFile)(process.execPath, [READER_PROGRAM, JSON.stringify(settings)], {
    maxBuffer: MOST,
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredRecord);
}
