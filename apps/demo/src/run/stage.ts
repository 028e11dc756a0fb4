import type { Logger, Velo, VeloProducer } from '@velo/kafkajs';
import { createClient } from '../cluster/clients.js';
import { type Cluster, realCluster, startEmbeddedCluster } from '../cluster/cluster.js';
import { forgetRun, plainKafka } from '../cluster/plain-kafka.js';
import { allTopics, type DemoTopics, demoTopics } from '../cluster/topics.js';
import { DemoError } from '../demo-error.js';
import { type EnrichmentService, startEnrichmentService } from '../films/enrichment-service.js';
import type { InputSurvey } from '../films/input.js';
import { formatBytes } from '../format.js';
import type { Cleanup } from './cleanup.js';
import type { DemoOptions } from './options.js';
import { startWatchServer, type WatchServer } from './watch-server.js';

/** Partitions of every topic, and the input bytes that the embedded broker is trusted with in each: it keeps 5 MiB. */
const PARTITIONS = 6;
const EMBEDDED_BYTES_PER_PARTITION = 1_500_000;
const EMBEDDED_MAX_PARTITIONS = 48;

/** All that a run plays on. */
export interface Stage {
  readonly cluster: Cluster;
  readonly velo: Velo;
  /** Connected. */
  readonly producer: VeloProducer;
  readonly service: EnrichmentService;
  readonly topics: DemoTopics;
  readonly partitions: number;
  /** Where it was asked for. */
  readonly watch: WatchServer | undefined;
}

/**
 * Starts the brokers (or finds the real ones), velo and the enrichment service, and creates all topics but the source.
 *
 * @throws {DemoError} if the brokers cannot be reached, with velo's explanation
 */
export async function openStage(
  options: DemoOptions,
  survey: InputSurvey,
  tiers: readonly number[],
  cleanup: Cleanup,
  logger: Logger,
): Promise<Stage> {
  const embedded = options.brokers === undefined;
  const topics = demoTopics(tiers, embedded ? undefined : Date.now().toString(36));
  const partitions = embedded ? embeddedPartitions(survey) : PARTITIONS;
  const service = await startEnrichmentService();
  cleanup.defer(() => service.stop());
  const started = embedded ? await startEmbeddedCluster(topics.groupId) : undefined;
  if (started !== undefined) cleanup.defer(() => started.stop());
  const brokers = options.brokers ?? started?.brokers ?? [];
  const watch = options.watch === undefined ? undefined : await startWatchServer(options.watch);
  if (watch !== undefined) cleanup.defer(() => watch.stop());
  const observers = watch === undefined ? [] : [watch.observer];
  const velo = await createClient(options.client, brokers, { logger, observers });
  cleanup.defer(() => velo.close());
  const cluster = started ?? realCluster(brokers, velo);
  await reach(velo, topics.source);
  const producer = velo.producer();
  await producer.connect();
  if (!embedded && !options.keepTopics) {
    cleanup.defer(() => forgetRun(plainKafka(brokers), allTopics(topics), topics.groupId));
  }
  await cluster.createTopics(
    allTopics(topics).filter((topic) => topic !== topics.source),
    partitions,
  );
  return { cluster, velo, producer, service, topics, partitions, watch };
}

/** Asks the brokers for the source topic once: that it is missing is the answer wanted here. */
async function reach(velo: Velo, topic: string): Promise<void> {
  try {
    await velo.waitForTopic(topic, { timeout: 0 });
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (code !== 'VELO_TOPIC_MISSING') throw new DemoError(message);
  }
}

function embeddedPartitions({ bytes }: InputSurvey): number {
  const wanted = Math.ceil(bytes / EMBEDDED_BYTES_PER_PARTITION);
  if (wanted > EMBEDDED_MAX_PARTITIONS) {
    const limit = formatBytes(EMBEDDED_MAX_PARTITIONS * EMBEDDED_BYTES_PER_PARTITION);
    throw new DemoError(
      `the input has ${formatBytes(bytes)} of records; the embedded broker keeps ${limit}. Use a real Kafka: --brokers HOST:PORT`,
    );
  }
  return Math.max(PARTITIONS, wanted);
}
