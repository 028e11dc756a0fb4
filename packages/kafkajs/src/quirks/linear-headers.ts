// Shown by test/linear-headers.test.ts.
import kafkajs from 'kafkajs';
import type { KafkaJs } from '../api.js';
import { type FetchedPartition, hideUndone } from './aborted-transactions.js';
import { withClusters } from './private-cluster.js';
import { readAnswers } from './read-answers.js';
import type { Decompress } from './record-batch.js';
import { type Codecs, FIRST_VERSION, LAST_VERSION, messagesOf, takeApart } from './record-sets.js';

interface Fetched {
  readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

/**
 * The same kafkajs, whose records carry their headers as they were written, see `readHeaders`. By itself it copies all
 * former headers of a record for each: a record of 69 kB with 14,000 of them blocks the process for a minute, so that its
 * member is expelled, and whoever fetches it next as well. It also loses their order, and puts what `Object.prototype`
 * holds under a name in front. Records of transactions that were undone are told apart here, too, see `hideUndone`.
 */
export function linearHeaders(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, (cluster) => {
    readAnswers<Fetched>(cluster, 'Fetch', (reader, apiVersion) => {
      if (apiVersion < FIRST_VERSION || apiVersion > LAST_VERSION) return reader;
      return {
        async decode(raw) {
          const { shell, sets } = takeApart(raw, apiVersion, registered);
          const fetched = await reader.decode(shell);
          const partitions = fetched.responses.flatMap((topic) => topic.partitions);
          for (const [i, partition] of partitions.entries()) {
            const batches = sets[i];
            if (batches !== undefined) hideUndone(partition, await messagesOf(batches, registered));
          }
          return fetched;
        },
        parse: (decoded) => reader.parse(decoded),
      };
    });
  });
}

/** kafkajs brings GZIP, users register others; each looks itself up, and throws where there is none. */
const registered: Codecs = (codec) => {
  const codecs = kafkajs.CompressionCodecs as Record<number, (() => { decompress: Decompress }) | undefined>;
  try {
    const found = codecs[codec]?.();
    return found && ((packed) => found.decompress(packed));
  } catch {
    return undefined;
  }
};
