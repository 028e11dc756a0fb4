import { VeloError } from '@velo/retry-core';

/** Those of Kafka that librdkafka may have been built without, by its names. */
const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'];

/**
 * What librdkafka's NOT_IMPLEMENTED means: it fetches a batch again and again whose codec was not built in, and says
 * neither which one nor where, in one of the topics.
 *
 * @param client by its name, as npm builds it again
 * @param features what librdkafka was built with
 */
export function tellMissingCodec(
  client: string,
  error: unknown,
  topics: readonly string[],
  features: readonly string[] = [],
): VeloError {
  const missing = CODECS.filter((codec) => !features.includes(codec)).join(', ');
  return new VeloError(
    'VELO_NOT_SUPPORTED',
    [
      `librdkafka cannot read a batch of ${topics.join(', ')}: it is compressed in a codec that was not built in (missing here: ${missing}). Nothing is lost: no offset beyond it was committed.`,
      'What to do:',
      `  - Install the codec (libzstd-dev for zstd, zlib1g-dev for gzip), then build ${client} again: npm rebuild ${client}.`,
      '  - Or have the producers, or the topic (compression.type), use a codec that is built in; what is in the topic already stays as it is.',
    ].join('\n'),
    { cause: error },
  );
}
