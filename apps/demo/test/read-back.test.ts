import { type EmbeddedBroker, startEmbeddedBroker } from '@velo/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainKafka } from '../src/cluster/plain-kafka.js';
import { demoTopics } from '../src/cluster/topics.js';
import { identify } from '../src/films/identity.js';
import { readBack, readTopics } from '../src/report/read-back.js';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startEmbeddedBroker({ brokers: 3 });
});

afterAll(() => broker.stop());

async function write(
  topic: string,
  messages: { key: string; value: Buffer | string; headers?: Record<string, string> }[],
) {
  const producer = plainKafka(broker.brokers).producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

describe('reading the topics back', () => {
  it('reads every record of every partition, and ends', async () => {
    broker.createTopic('numbers', { partitions: 6 });
    broker.createTopic('nothing', { partitions: 6 });
    await write(
      'numbers',
      Array.from({ length: 1_000 }, (_, n) => ({ key: `k${n}`, value: `${n}` })),
    );
    const seen: number[] = [];
    await readTopics(plainKafka(broker.brokers), ['numbers', 'nothing'], (topic, { value }) => {
      expect(topic).toBe('numbers');
      seen.push(Number(value));
    });
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
  });

  it('ends at once where there is nothing', async () => {
    broker.createTopic('empty', { partitions: 2 });
    await readTopics(plainKafka(broker.brokers), ['empty'], () => expect.unreachable());
  });

  it('counts films, and takes the reasons of dead letters from their headers', async () => {
    const topics = demoTopics([1_000]);
    for (const topic of [topics.source, topics.output, topics.deadLetters])
      broker.createTopic(topic, { partitions: 3 });
    const films = ['{"Title":"a"}', '{"Title":1776}', '{"Title":"lost"}'];
    const records = films.map((value, index) => ({ key: identify(index + 1, Buffer.from(value)), value }));
    const [good, poison] = records as [(typeof records)[0], (typeof records)[0]];
    await write(topics.source, records);
    await write(topics.output, [{ key: good.key, value: JSON.stringify({ identity: good.key }) }]);
    const headers = { 'velo-error-message': 'title is not text: 1776' };
    await write(topics.deadLetters, [{ ...poison, headers }]);
    expect(await readBack(plainKafka(broker.brokers), topics)).toMatchObject({
      produced: 3,
      handled: 1,
      deadLettered: 1,
      lost: 1,
      spoiled: 0,
      deadLetterReasons: [{ reason: 'title is not text', films: 1, example: '{"Title":1776}' }],
    });
  });
});
