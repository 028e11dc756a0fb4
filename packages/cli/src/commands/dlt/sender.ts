import { openKafkaJsClient, type ProducerMessage, type VeloProducer } from '@velo/kafkajs';
import type { Kafka } from 'kafkajs';
import { CliError } from '../../cli-error.js';
import { EXIT } from '../../exit-codes.js';
import type { ExportedRecord } from '../../letters/ndjson.js';
import { cell } from '../../terminal/escape.js';

/** Of one send. */
const MOST_RECORDS = 500;
const MOST_BYTES = 1024 * 1024;

/** Writes exported records in their order, many at a time. */
export class Sender implements AsyncDisposable {
  /** Acknowledged by the brokers. */
  written = 0;
  readonly #binding;
  readonly #partitions = new Map<string, Promise<number>>();
  #waiting: { readonly topic: string; readonly messages: ProducerMessage[] } | undefined;
  #bytes = 0;

  constructor(
    kafka: Kafka,
    private readonly producer: VeloProducer,
    /** Undefined: the topic of each. */
    private readonly to: string | undefined,
  ) {
    this.#binding = openKafkaJsClient(kafka);
  }

  async add(record: ExportedRecord): Promise<void> {
    const topic = this.to ?? record.topic;
    const { key, value, headers, timestamp } = record;
    const isThere = record.partition < (await this.#partitionCount(topic));
    if (this.#waiting !== undefined && this.#waiting.topic !== topic) await this.flush();
    this.#waiting ??= { topic, messages: [] };
    this.#waiting.messages.push({
      key,
      value,
      headers,
      ...(isThere && { partition: record.partition }),
      ...(timestamp >= 0 && { timestamp }),
    });
    this.#bytes += (key?.length ?? 0) + (value?.length ?? 0);
    if (this.#waiting.messages.length >= MOST_RECORDS || this.#bytes >= MOST_BYTES) await this.flush();
  }

  async flush(): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#bytes = 0;
    await this.producer.send(waiting);
    this.written += waiting.messages.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.producer.disconnect(), this.#binding.close()]);
  }

  #partitionCount(topic: string): Promise<number> {
    let counting = this.#partitions.get(topic);
    if (counting === undefined) {
      counting = this.#binding.partitionCount(topic).then((count) => {
        if (count > 0) return count;
        throw new CliError(
          EXIT.failed,
          `There is no topic ${cell(topic, 249)}, so its records were not written. Create it, or pass --to TOPIC.`,
        );
      });
      this.#partitions.set(topic, counting);
    }
    return counting;
  }
}
