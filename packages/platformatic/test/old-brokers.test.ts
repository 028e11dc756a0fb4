import { isVeloError } from '@velo/engine';
import { classifyKafkaError } from '@velo/retry-core';
import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { record, until } from '@velo/testkit/binding';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PlatformaticMessage } from '../src/api.js';
import type { Cluster } from '../src/connection/cluster.js';
import { createVelo } from '../src/index.js';
import { send } from '../src/sending/send.js';
import { open } from './support.js';

const WITH_HEADERS = [['velo-attempt', '1']] as const;

describe('brokers of an older Kafka', () => {
  /** The newest version of each request in Kafka 2.1. */
  const KAFKA_2_1 = {
    Produce: 7,
    Fetch: 10,
    ListOffsets: 4,
    Metadata: 7,
    OffsetCommit: 6,
    OffsetFetch: 5,
    FindCoordinator: 2,
    JoinGroup: 3,
    Heartbeat: 2,
    LeaveGroup: 2,
    SyncGroup: 2,
    ApiVersions: 2,
    CreateTopics: 3,
    InitProducerId: 1,
    AddPartitionsToTxn: 1,
    AddOffsetsToTxn: 1,
    EndTxn: 1,
    TxnOffsetCommit: 2,
    CreatePartitions: 1,
  } as const;
  let broker: EmbeddedBroker;

  beforeEach(async () => {
    broker = await startEmbeddedBroker();
    broker.createTopic('old', { partitions: 1 });
  });
  afterEach(() => broker.stop());

  const limit = (versions: Partial<Record<keyof typeof KAFKA_2_1, number>>) => {
    for (const [request, newest] of Object.entries(versions))
      broker.limitVersion(request as keyof typeof KAFKA_2_1, newest);
  };

  it.each(['at-least-once', 'transactional'] as const)('of 2.1 serve a group (%s)', async (handOff) => {
    limit(KAFKA_2_1);
    await using velo = createVelo({ clientId: 'old', bootstrapBrokers: broker.brokers });
    await velo.ensureTopics([{ topic: 'orders', partitions: 1 }]);
    const tried: number[] = [];
    const consumer = velo.consumer({
      groupId: 'group',
      topics: ['orders'],
      startFrom: 'earliest',
      client: { maxWaitTime: 50 },
      handOff,
      handler: (_, { tier }) => {
        tried.push(tier);
        if (tier === 0) throw new Error('in the first tier it succeeds');
      },
      retry: { inPlace: { maxAttempts: 1 }, tiers: [50] },
    });
    await consumer.start();
    await velo.producer().send({ topic: 'orders', messages: [{ value: 'x', headers: { a: 'b' } }] });
    await until(() => tried.length === 2);
    expect(tried).toEqual([0, 1]);
    await consumer.stop();
  });

  it('that know no headers are refused in words, for good', async () => {
    // As Kafka 0.10.
    limit({ Produce: 2 });
    const client = open(broker);
    try {
      const [outcome] = await client.publish([record('old', 0, 'x', { headers: WITH_HEADERS })]);
      const error = outcome?.written === false ? outcome.error : undefined;
      expect(isVeloError(error, 'VELO_NOT_SUPPORTED')).toBe(true);
      expect(String(error)).toMatch(
        /"produce" in common\. Nothing was done\. Use Apache Kafka 2\.1 or newer/,
      );
    } finally {
      await client.close();
    }
  });
});

/** Sends to a leader that answers so, and says this of the topic's format. No broker of today has formats to choose. */
async function refusalOf(code: number, format: string | undefined, headers: boolean): Promise<unknown> {
  const answers = {
    produce: {
      responses: [{ name: 'old', partitionResponses: [{ index: 0, errorCode: code, baseOffset: -1n }] }],
    },
    describeConfigs: {
      results:
        format === undefined
          ? [{ errorCode: 29, configs: [] }]
          : [
              {
                errorCode: 0,
                configs: [
                  { name: 'cleanup.policy', value: 'delete', configSource: 5 },
                  { name: 'message.format.version', value: format, configSource: 1 },
                ],
              },
            ],
    },
  };
  const leader = { nodeId: 1, host: 'kafka', port: 9_092 };
  const cluster = {
    config: { timeout: 1_000 },
    leader: async () => leader,
    ask: async (broker: unknown, name: keyof typeof answers) => {
      expect(broker).toBe(leader);
      return answers[name];
    },
    forget: () => {},
  } as unknown as Cluster;
  const message: PlatformaticMessage = {
    topic: 'old',
    partition: 0,
    key: null,
    value: null,
    headers: new Map(headers ? [[Buffer.from('a'), null]] : []),
  };
  return send(cluster, message, [message], {} as never).catch((error: unknown) => error);
}

describe('a topic whose format has no headers', () => {
  it.each(['0.10.2-IV0', '0.9.0', '0.8.2'])(
    'refuses them by an unknown error, which is for good (%s)',
    async (format) => {
      const error = await refusalOf(-1, format, true);
      expect(classifyKafkaError(error)).toMatchObject({ code: 35, retry: false });
      expect(String(error)).toMatch(/"old".*log\.message\.format\.version/s);
    },
  );

  it.each([
    { what: 'of another kind', code: 7, format: '0.10.2-IV0', headers: true },
    { what: 'of a newer format', code: -1, format: '2.8-IV1', headers: true },
    { what: 'where nobody may ask', code: -1, format: undefined, headers: true },
    { what: 'of a record without headers', code: -1, format: '0.10.2-IV0', headers: false },
  ])('leaves an error alone that is $what', async ({ code, format, headers }) => {
    expect(await refusalOf(code, format, headers)).toMatchObject({
      code,
      message: expect.stringContaining('partition 0 of "old"'),
    });
  });
});
