// Shown by test/aging-metadata.test.ts.
import type { KafkaJs } from '../api.js';
import { type PrivateBrokerPool, withClusters } from './private-cluster.js';

/** For how long metadata are believed that show a partition without a leader, ms. */
const LEADERLESS_AGE = 500;

/**
 * The same kafkajs, which looks soon again for a leader that is missing, and whose metadata age by a clock that nobody
 * sets: by itself it looks for leaders and new partitions after `metadataMaxAge` of the wall clock, and for as long as
 * that was set back, not at all.
 */
export function agingMetadata(kafka: KafkaJs): KafkaJs {
  return withClusters(kafka, ({ brokerPool }) => {
    const refresh = brokerPool?.refreshMetadata?.bind(brokerPool);
    const refreshIfNecessary = brokerPool?.refreshMetadataIfNecessary?.bind(brokerPool);
    if (brokerPool === undefined || refresh === undefined || refreshIfNecessary === undefined) return;
    let staleAt = Number.POSITIVE_INFINITY;
    brokerPool.refreshMetadata = async (topics) => {
      await refresh(topics);
      staleAt = performance.now() + ageOf(brokerPool);
    };
    brokerPool.refreshMetadataIfNecessary = (topics) => {
      if (performance.now() > staleAt) brokerPool.metadataExpireAt = null;
      return refreshIfNecessary(topics);
    };
  });
}

/** ms */
function ageOf({ metadata, metadataMaxAge = 0 }: PrivateBrokerPool): number {
  const isLeaderless = metadata?.topicMetadata.some(({ partitionMetadata }) =>
    partitionMetadata.some(({ leader }) => leader < 0),
  );
  return isLeaderless ? Math.min(LEADERLESS_AGE, metadataMaxAge) : metadataMaxAge;
}
