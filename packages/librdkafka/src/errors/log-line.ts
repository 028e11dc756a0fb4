import type { TopicPartition } from '@velo/engine';

/** A line of librdkafka's log. */
export interface LogLine {
  /** What it is about: `FAIL` is a connection that failed, `OFFSET` a position that was reset. */
  readonly fac: string;
  readonly message: string;
}

/** `../crypto/x509/by_file.c:229:X509_load_cert_crl_file_ex error:05880002:x509 certificate routines::system lib` */
const OPENSSL_SOURCE = /\S+\.c:\d+:\S*\s(?=error:)/g;

/** librdkafka's words on OpenSSL's errors, without the place in its source that comes before them under any `debug`. */
export function withoutSource(words: string): string {
  return words.replace(OPENSSL_SOURCE, '');
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

/** `[thrd:main]: Topic orders changed id from AAAAAAAAAAAAAAAAAAAAAA to lPb6u6BYTG6OAl8jLhCc9A` */
const TOPIC_ID = /\bTopic (\S+) changed id from (\S+) to (\S+)$/;
/** Of a topic whose id was not known. */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';

/** The id of a topic, as brokers have told it for the first time, or another one than before. */
export interface TopicIdNews {
  readonly topic: string;
  /** In base64 of URLs, as Kafka prints it. */
  readonly id: string;
  /** The topic had another id: it was deleted and made again. */
  readonly isMadeAgain: boolean;
}

/** What librdkafka tells under `debug: topic`. @returns `undefined` for a line about something else */
export function readTopicId({ fac, message }: LogLine): TopicIdNews | undefined {
  const [, topic, before, id] = (fac === 'METADATA' && TOPIC_ID.exec(message)) || [];
  if (topic === undefined || id === undefined) return undefined;
  return { topic, id: id.replaceAll('+', '-').replaceAll('/', '_'), isMadeAgain: before !== NO_ID };
}
