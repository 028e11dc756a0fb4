import { record } from '@velo/testkit/binding';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KafkaJs, KafkaJsProduced, KafkaJsTransaction } from '../src/api.js';
import { TransactionalProducer } from '../src/sending/transactional-producer.js';

/** TOPIC_AUTHORIZATION_FAILED, which kafkajs also says because of another topic of the same producer. */
const NOT_AUTHORIZED = 29;

const offset = { topic: 'orders', partition: 0, offset: 1 };
const handOver = (...topics: string[]) => ({ offset, copies: topics.map((topic) => record(topic, 0, 'v')) });

/** kafkajs, of which a test replaces what is to fail or hang. */
function fake(given: Partial<KafkaJsTransaction> = {}) {
  const told: string[] = [];
  const transaction: KafkaJsTransaction = {
    send: async ({ topic }) => [{ topicName: topic, partition: 0, errorCode: 0 }],
    sendOffsets: async () => void told.push('offsets'),
    commit: async () => void told.push('commit'),
    abort: async () => void told.push('abort'),
    ...given,
  };
  const producer = {
    connect: async () => {},
    disconnect: async () => void told.push('disconnect'),
    send: async (): Promise<KafkaJsProduced[]> => [],
    transaction: async () => transaction,
  };
  const kafka = { producer: () => producer } as unknown as KafkaJs;
  return { told, producer: new TransactionalProducer(kafka, 'group', 'id') };
}

const never = () => new Promise<never>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a transactional producer', () => {
  it.each<[string, Partial<KafkaJsTransaction>]>([
    ['send', { send: never }],
    ['sendOffsets', { sendOffsets: never }],
    ['commit', { commit: never }],
  ])('gives a %s that is never answered up when the brokers do', async (_, hangs) => {
    const { producer } = fake(hangs);
    const outcome = producer.transact(handOver('tier'));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await outcome).toMatchObject({ committed: false, error: { code: 'VELO_CLIENT' } });
  });

  it('ends though a call hangs', async () => {
    const { told, producer } = fake({ commit: never });
    void producer.transact(handOver('tier'));
    const ended = producer.end();
    await vi.advanceTimersByTimeAsync(2_000);
    await ended;
    expect(told).toContain('disconnect');
  });

  it('aborts what did not succeed, and commits no offset of it', async () => {
    const { told, producer } = fake({ send: async () => [] });
    expect(await producer.transact(handOver('tier'))).toMatchObject({
      committed: false,
      error: { code: 3 },
      suspects: [0],
    });
    await producer.end();
    expect(told).toEqual(['abort', 'disconnect']);
  });

  it('suspects no copy for the sake of another topic that it knows from before', async () => {
    const refused = Object.assign(new Error('not authorized'), { code: NOT_AUTHORIZED });
    const allowed = ['letters'];
    const { producer } = fake({
      send: async ({ topic }) => {
        if (!allowed.includes(topic)) throw refused;
        return [{ topicName: topic, partition: 0, errorCode: 0 }];
      },
    });
    const fresh = fake({ send: () => Promise.reject(refused) });
    expect(await fresh.producer.transact(handOver('tier'))).toMatchObject({ error: refused, suspects: [0] });
    expect(await producer.transact(handOver('letters'))).toEqual({ committed: true });
    const outcome = await producer.transact(handOver('tier'));
    expect(outcome).toMatchObject({ committed: false, error: { code: 'VELO_CLIENT' } });
    expect(outcome).not.toHaveProperty('suspects');
  });
});
