import { startEmbeddedBroker, startKafka } from '@velo/testkit';
import type { Progress } from '../progress.js';
import { consume, fill, PARTITIONS, WARM_UP } from './run-throughput.js';
import type { ClientName } from './task.js';

export interface ConcurrencyOptions {
  readonly client: ClientName;
  /** A real Apache Kafka instead of the embedded broker. */
  readonly real: boolean;
  /** For each point, as long as the topic lasts. */
  readonly seconds: number;
  readonly progress: Progress;
}

export interface ConcurrencyPoint {
  /** How long a handler waits, ms. */
  readonly work: number;
  /** Handlers at once in each partition. */
  readonly concurrency: number;
  /** Records that are handled together; 1: one by one. */
  readonly batch: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
  /** As many records a second as all handlers together could take, if nothing else took time. */
  readonly ideal: number;
}

const WORK = [1, 5, 20];
const CONCURRENCY = [1, 4, 16, 64, 256];
const BATCH = 500;
/** In the topic: the embedded broker keeps 5 MB of each partition. */
const RECORDS = 240_000;

/** Consumes the same topic again and again, with handlers that wait, each time in a process and a group of its own. */
export async function runConcurrency(options: ConcurrencyOptions): Promise<ConcurrencyPoint[]> {
  const { client, real, seconds, progress } = options;
  progress.show(real ? 'starting Apache Kafka' : 'starting the embedded broker');
  await using broker = real ? await startKafka() : await startEmbeddedBroker();
  const topic = 'bench';
  await fill(broker.brokers, topic, RECORDS, progress);
  const points: ConcurrencyPoint[] = [];
  const ways = WORK.flatMap((work) => [
    ...CONCURRENCY.map((concurrency) => ({ work, concurrency, batch: 1 })),
    { work, concurrency: 1, batch: BATCH },
  ]);
  for (const { work, concurrency, batch } of ways) {
    progress.show(
      `handlers of ${work} ms, ${concurrency} at once in each of ${PARTITIONS} partitions, ${batch} record(s) each`,
    );
    const ideal = (PARTITIONS * concurrency * batch * 1_000) / work;
    const records = Math.min(RECORDS, Math.round(ideal * seconds));
    const { perSecond, perCpuSecond } = await consume({
      client,
      contender: 'velo',
      handler: 'async',
      failing: 'none',
      brokers: broker.brokers,
      topic,
      groupId: `bench-${work}-${concurrency}-${batch}`,
      records,
      warmUp: Math.round(records * WARM_UP),
      concurrency,
      ...(batch > 1 && { batch }),
      work,
    });
    points.push({ work, concurrency, batch, perSecond, perCpuSecond, ideal });
  }
  progress.end();
  return points;
}
