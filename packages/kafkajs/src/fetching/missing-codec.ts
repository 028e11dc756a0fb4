import { readText, type TopicPartition, VeloError } from '@velo/engine';
import { causes } from '../errors.js';

/** Packages that bring what kafkajs lacks; it reads GZIP only. By its names of codecs. */
const PACKAGES: Readonly<Record<string, string>> = {
  Snappy: 'kafkajs-snappy',
  LZ4: 'kafkajs-lz4',
  ZSTD: '@kafkajs/zstd',
};
/** Topics that are named at the most. */
const MAX_NAMED = 10;

/**
 * kafkajs ends its consumer over a batch in a codec that nobody has registered (KafkaJSNotImplemented), and does not say
 * where: one of the partitions that it owns. Any other error stays as it is.
 */
export function tellMissingCodec(error: unknown, owned: readonly TopicPartition[]): unknown {
  const codec = codecIn(error);
  if (codec === undefined) return error;
  const source = PACKAGES[codec];
  return new VeloError(
    'VELO_NOT_SUPPORTED',
    [
      `kafkajs cannot read ${codec}, in which a batch of ${place(owned)} is compressed. Nothing is lost: no offset beyond it was committed.`,
      'What to do:',
      `  - Register a codec before the consumer starts: CompressionCodecs[CompressionTypes.${codec}] = … (both from 'kafkajs'; the codec ${source === undefined ? 'is yours to write' : `from the package ${source}`}).`,
      '  - Or read with a client that has the codec: librdkafka, where it was built with it (@velo/rdkafka).',
      '  - Or have the producers, or the topic (compression.type), use gzip; what is in the topic already stays as it is.',
    ].join('\n'),
    { cause: error },
  );
}

/** kafkajs's name of the codec, from the innermost cause. */
function codecIn(error: unknown): string | undefined {
  for (const each of causes(error)) {
    const codec = /^(\w{1,16}) compression not implemented$/.exec(readText(each, 'message'))?.[1];
    if (codec !== undefined) return codec;
  }
  return undefined;
}

function place(owned: readonly TopicPartition[]): string {
  const [first] = owned;
  if (first === undefined) return 'its partitions';
  if (owned.length === 1) return `${first.topic}, partition ${first.partition},`;
  const topics = [...new Set(owned.map(({ topic }) => topic))];
  if (topics.length === 1) return `${first.topic}`;
  const named = topics.slice(0, MAX_NAMED).join(', ');
  return `one of its topics (${named}${topics.length > MAX_NAMED ? ', …' : ''})`;
}
