import {
  createVeloOn,
  looksLikeKafkaJs,
  readProperty,
  type Velo,
  type VeloOptions,
  wrongClient,
} from '@velo/engine';
import type { KafkaJs } from './api.js';
import { openKafkaJsClient } from './client.js';

/**
 * velo over a kafkajs client. Nothing connects before it is used.
 *
 * @param kafka `new Kafka({ … })` of kafkajs, or what speaks its API
 * @throws {VeloError} `VELO_INVALID_OPTION` for what is no such client, and for an option that there is not
 */
export function createVelo(kafka: KafkaJs, options?: VeloOptions): Velo {
  const remedy = remedyFor(kafka);
  if (remedy !== undefined) throw wrongClient('`new Kafka({ … })` of kafkajs', kafka, remedy);
  return createVeloOn(() => openKafkaJsClient(kafka), options);
}

/** What to do with what is no client of kafkajs. */
function remedyFor(given: unknown): string | undefined {
  if (!looksLikeKafkaJs(given))
    return "Pass the client itself: createVelo(new Kafka({ brokers: ['localhost:9092'] })).";
  return isConfluent(given)
    ? "This one is of @confluentinc/kafka-javascript, which keeps other promises behind the same methods: pass one of kafkajs, or librdkafka's properties to createVelo of @velo/confluent."
    : undefined;
}

/** Its `Kafka` has kafkajs's methods but `logger()`, and other promises behind them: records would be lost. */
function isConfluent(given: unknown): boolean {
  const name = readProperty(readProperty(given, 'constructor'), 'name');
  return name === 'Kafka' && typeof readProperty(given, 'logger') !== 'function';
}
