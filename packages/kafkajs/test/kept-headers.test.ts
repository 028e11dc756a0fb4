import { classifyKafkaError } from '@velo/retry-core';
import { startEmbeddedBroker } from '@velo/testkit';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { openKafkaJsClient } from '../src/client.js';
import { keptHeaders } from '../src/quirks/kept-headers.js';
import type { PrivateBroker, PrivateCluster } from '../src/quirks/private-cluster.js';

/** The newest Produce of Kafka 0.10, whose records have no headers. */
const WITHOUT_HEADERS = 2;

describe('a broker whose records have no headers', () => {
  it('refuses a copy that has some, for good, and in words', async () => {
    await using broker = await startEmbeddedBroker();
    broker.createTopic('old', { partitions: 1 });
    broker.limitVersion('Produce', WITHOUT_HEADERS);
    const brokers = [...broker.brokers];
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    const client = openKafkaJsClient(kafka);
    try {
      const headers = [['velo-attempt', '1']] as const;
      const [outcome] = await client.publish([
        { topic: 'old', partition: 0, key: null, value: 'x', headers },
      ]);
      const error = outcome?.written === false ? outcome.error : undefined;
      expect(String(error)).toMatch(/without headers.*Kafka 0\.11/s);
      expect(classifyKafkaError(error)).toMatchObject({ code: 35, retry: false });
    } finally {
      await client.close();
    }
  });
});

/** Produces to a broker that answers so, and says this of the topic's format. No broker of today has formats to choose. */
async function produce(code: number, format: string | undefined, headers?: object): Promise<unknown> {
  const broker: PrivateBroker = {
    versions: { 0: { maxVersion: 9 } },
    produce: () => Promise.reject(Object.assign(new Error('the broker’s'), { code })),
    describeConfigs: async () => {
      if (format === undefined) throw new Error('CLUSTER_AUTHORIZATION_FAILED');
      return {
        resources: [{ configEntries: [{ configName: 'message.format.version', configValue: format }] }],
      };
    },
  };
  const cluster: PrivateCluster = { findBroker: async () => broker };
  const createCluster = Symbol('private:Kafka:createCluster');
  const kafka = keptHeaders({ [createCluster]: () => cluster } as never);
  const found = await (kafka as never as Record<symbol, () => PrivateCluster>)
    [createCluster]?.()
    .findBroker?.(1);
  const message = {
    topicData: [{ topic: 'old', partitions: [{ messages: [{ headers: headers ?? null }] }] }],
  };
  return found?.produce?.(message).catch((error: unknown) => error);
}

describe('a topic whose format has no headers', () => {
  it.each(['0.10.2-IV0', '0.9.0', '0.8.2'])(
    'refuses them by an unknown error, which is for good (%s)',
    async (format) => {
      const error = await produce(-1, format, { a: 'b' });
      expect(error).toMatchObject({ code: 35, retriable: false });
      expect(String(error)).toMatch(/"old".*log\.message\.format\.version/s);
    },
  );

  it.each([
    { what: 'of another kind', code: 7, format: '0.10.2-IV0', headers: { a: 'b' } },
    { what: 'of a newer format', code: -1, format: '2.8-IV1', headers: { a: 'b' } },
    { what: 'where nobody may ask', code: -1, format: undefined, headers: { a: 'b' } },
    { what: 'of a record without headers', code: -1, format: '0.10.2-IV0', headers: undefined },
  ])('leaves an error alone that is $what', async ({ code, format, headers }) => {
    expect(await produce(code, format, headers)).toMatchObject({ code, message: 'the broker’s' });
  });
});
