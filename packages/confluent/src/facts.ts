import { type ClientFacts, type ClientLibrary, type RdKafka, withFacts } from '@velo/librdkafka';
import { readProperty, VeloError } from '@velo/retry-core';
import type { ConfluentConsumer, ConfluentKafka } from './api.js';

/** Those of the methods that velo uses which older versions lack. */
const NEEDED = ['assignmentLost', 'incrementalAssign', 'rebalanceProtocol'] as const;

/**
 * Confluent's module with what is known of it.
 *
 * @throws {VeloError} `VELO_NOT_SUPPORTED` if it is too old
 */
export function knownLibrary(library: ConfluentKafka): ClientLibrary {
  const consumer = readProperty(library.KafkaConsumer, 'prototype');
  const missing = NEEDED.find((name) => typeof readProperty(consumer, name) !== 'function');
  if (missing !== undefined || typeof library.AdminClient.createFrom !== 'function') throw tooOld(library);
  return withFacts(library as ConfluentKafka & RdKafka, FACTS);
}

function tooOld({ librdkafkaVersion = 'unknown' }: ConfluentKafka): VeloError {
  return new VeloError(
    'VELO_NOT_SUPPORTED',
    `@velo/confluent needs version 1.10 or newer of @confluentinc/kafka-javascript; this one is older (its librdkafka: ${librdkafkaVersion}). Nothing has connected. Install a newer one: npm install @confluentinc/kafka-javascript@1.`,
  );
}

/** What Confluent's client does otherwise than librdkafka's other clients. */
const FACTS: ClientFacts = {
  name: '@confluentinc/kafka-javascript',
  remedy:
    "Pass them in one object, without `kafkaJS`: createVelo({ 'bootstrap.servers': 'kafka1:9092,kafka2:9092' }); velo makes the clients itself, over the callback API, and a client of kafkajs goes to createVelo of @velo/kafkajs.",
  // A null header it refuses to write.
  capabilities: { binaryHeaders: true, nullHeaders: false, offsetMetadata: true },
  asksForTokens: true,
  /** A text it ends at a NUL. */
  headerValue: (value) => (typeof value === 'string' ? Buffer.from(value) : (value ?? undefined)),
  /** Of a consumer that is not connected it crashes the process. */
  isAssignmentLost: (consumer: ConfluentConsumer) => consumer.isConnected() && consumer.assignmentLost(),
};
