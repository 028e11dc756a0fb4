import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeForClient } from '@velo/newer-node';
import { startEmbeddedBroker, startKafka } from '@velo/testkit';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Progress } from '../progress.js';
import {
  type ClientName,
  type ConsumeResult,
  type ConsumeTask,
  type Failing,
  HANDLERS,
  type HandlerKind,
} from './task.js';

export interface ThroughputOptions {
  readonly client: ClientName;
  /** A real Apache Kafka instead of the embedded broker. */
  readonly real: boolean;
  readonly records: number;
  readonly rounds: number;
  readonly progress: Progress;
}

/** One way to consume, with the result of each round. */
export interface ThroughputRow {
  readonly contender: ConsumeTask['contender'];
  readonly handler: HandlerKind;
  readonly failing: Failing;
  readonly rounds: readonly ConsumeResult[];
}

const WAYS: readonly (readonly [contender: ConsumeTask['contender'], failing: Failing])[] = [
  ['bare', 'none'],
  ['velo', 'none'],
  ['velo', 'in-place'],
  ['velo', 'tier'],
];

/** Of the embedded broker: it keeps 5 MB of each partition. */
export const PARTITIONS = 12;
const RECORD_BYTES = 100;
/** Records of the beginning that are not timed, as a share. */
export const WARM_UP = 0.25;
/** ms after which a process that consumes has failed. */
const PATIENCE = 120_000;

/** Consumes the same topic again and again, each way in turn, each time in a process and a group of its own. */
export async function runThroughput(options: ThroughputOptions): Promise<ThroughputRow[]> {
  const { real, records, rounds, progress } = options;
  progress.show(real ? 'starting Apache Kafka' : 'starting the embedded broker');
  await using broker = real ? await startKafka() : await startEmbeddedBroker();
  const topic = 'bench';
  await fill(broker.brokers, topic, records, progress);
  const rows = HANDLERS.flatMap((handler) =>
    WAYS.map(([contender, failing]) => ({ contender, failing, handler, rounds: [] as ConsumeResult[] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const row of rows) {
      const { contender, failing, handler } = row;
      progress.show(`round ${round + 1} of ${rounds}: ${contender}, ${handler} handler, failing: ${failing}`);
      const result = await consume({
        client: options.client,
        contender,
        handler,
        failing,
        brokers: broker.brokers,
        topic,
        groupId: `bench-${round}-${contender}-${handler}-${failing}`,
        records,
        warmUp: Math.round(records * WARM_UP),
      });
      row.rounds.push(result);
    }
  }
  progress.end();
  return rows;
}

/** Each record has a key of its own. */
export async function fill(
  brokers: readonly string[],
  topic: string,
  records: number,
  progress: Progress,
): Promise<void> {
  const kafka = new Kafka({ clientId: 'velo-bench-fill', brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 1 }] });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const value = Buffer.alloc(RECORD_BYTES, 'x');
  const batch = 1_000;
  for (let sent = 0; sent < records; sent += batch) {
    const partition = (sent / batch) % PARTITIONS;
    const messages = Array.from({ length: Math.min(batch, records - sent) }, (_, i) => ({
      partition,
      key: String(sent + i),
      value,
    }));
    await producer.send({ topic, messages });
    if ((sent / batch) % 100 === 0) progress.show(`writing records: ${sent} of ${records}`);
  }
  await producer.disconnect();
}

const PROGRAM = ['./throughput/consumer-process.js', '../../dist/throughput/consumer-process.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((file) => existsSync(file));

/** In a process of its own. */
export function consume(task: ConsumeTask): Promise<ConsumeResult> {
  return new Promise((resolve, reject) => {
    if (PROGRAM === undefined) throw new Error('the bench is not built: npm run build');
    const child = fork(PROGRAM, [JSON.stringify(task)], { execPath: nodeForClient(task.client) });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${task.contender} (${task.failing}) did not end within ${PATIENCE / 1_000} s`));
    }, PATIENCE);
    let result: ConsumeResult | undefined;
    child.on('message', (message) => {
      result = message as ConsumeResult;
    });
    child.on('exit', (code) => {
      clearTimeout(timer);
      if (result === undefined) reject(new Error(`the consuming process ended with ${code}`));
      else resolve(result);
    });
  });
}
