/**
 * Reads topics from their first record to their ends, in a process of its own: a fault of the native client ends no run, and
 * is told. Started by `readBack` with one argument: its `ReaderSettings`. It prints a `StoredRecord` as JSON in each line.
 */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import RdKafka, { type Message } from 'node-rdkafka';
import type { ReaderSettings } from './check/read-back.js';
import { storedRecord } from './check/stored-record.js';

/** Without any record for so long, ms, the reading has failed. */
const SILENCE_LIMIT = 30_000;

/** Of one call. */
const MOST_AT_ONCE = 1_000;
/** ms */
const CONSUME_TIMEOUT = 200;

const settings: ReaderSettings = JSON.parse(process.argv[2] ?? '');
const ends = new Map<string, number>(
  settings.ends.map(({ topic, partition, end }) => [`${topic} ${partition}`, end]),
);
/** Of partitions that are not read to their ends yet. */
const unread = new Set(ends.keys());
const consumer = new RdKafka.KafkaConsumer(
  {
    ...settings.connection,
    'group.id': `read-back-${randomUUID()}`,
    'enable.auto.commit': false,
    'enable.partition.eof': true,
    'isolation.level': 'read_committed',
  },
  { 'auto.offset.reset': 'earliest' },
);
const silence = setTimeout(() => {
  console.error(`without a record for ${SILENCE_LIMIT / 1_000} s: ${[...unread].join(', ')}`);
  process.exit(1);
}, SILENCE_LIMIT);

consumer.on('event.error', () => {});
// Behind the last record there may be markers, which are not handed out.
consumer.on('partition.eof', ({ topic, partition, offset }) => reached(topic, partition, offset));
consumer.connect();
await once(consumer, 'ready');
consumer.setDefaultConsumeTimeout(CONSUME_TIMEOUT);
consumer.assign(settings.ends.map(({ topic, partition }) => ({ topic, partition, offset: 0 })));
while (unread.size > 0) for (const message of await consume()) print(message);
clearTimeout(silence);
consumer.disconnect();

/** In node-rdkafka's flowing mode, which a disconnect may crash, there would be a call under way at the end. */
function consume(): Promise<Message[]> {
  return new Promise((resolve, reject) => {
    consumer.consume(MOST_AT_ONCE, (error, messages) => (error ? reject(error) : resolve(messages)));
  });
}

function print(message: Message): void {
  const { topic, partition, offset } = message;
  silence.refresh();
  // The news of a partition's end comes before the records of the same call.
  if (offset < endOf(topic, partition)) process.stdout.write(`${JSON.stringify(storedRecord(message))}\n`);
  reached(topic, partition, offset + 1);
}

function reached(topic: string, partition: number, next: number): void {
  if (next >= endOf(topic, partition)) unread.delete(`${topic} ${partition}`);
}

function endOf(topic: string, partition: number): number {
  return ends.get(`${topic} ${partition}`) ?? 0;
}
