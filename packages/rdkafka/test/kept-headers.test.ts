import { classifyKafkaError } from '@velo/retry-core';
import { startEmbeddedBroker } from '@velo/testkit';
import { record } from '@velo/testkit/binding';
import * as RdKafka from 'node-rdkafka';
import { describe, expect, it } from 'vitest';
import { openRdKafkaClient } from '../src/client.js';

const withHeader = (topic: string) => record(topic, 0, 'x', { headers: [['velo-attempt', '1']] });

describe('a broker whose records have no headers', () => {
  // librdkafka gives an idempotent producer up, and its records fail as purged or by a fatal error, which another producer
  // would not meet.
  it('refuses a copy for good, and in words', async () => {
    await using broker = await startEmbeddedBroker();
    broker.createTopic('old', { partitions: 1 });
    // As Kafka 0.10: records have no headers, and producers no ids.
    broker.limitVersion('Produce', 2);
    broker.limitVersion('InitProducerId', -1);
    const client = openRdKafkaClient(RdKafka, { 'bootstrap.servers': broker.bootstrapServers });
    try {
      for (const time of ['first', 'second']) {
        const [outcome] = await client.publish([withHeader('old')]);
        const error = outcome?.written === false ? outcome.error : undefined;
        expect(String(error), time).toMatch(/requires Apache Kafka broker version >= 0\.11/);
        expect(classifyKafkaError(error)).toMatchObject({ code: -165, action: 'fix-configuration' });
      }
    } finally {
      await client.close();
    }
  }, 60_000);
});
