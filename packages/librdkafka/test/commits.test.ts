import { describe, expect, it } from 'vitest';
import type { RdKafkaConsumer, RdKafkaTopicPartition } from '../src/api.js';
import { Commits } from '../src/group/commits.js';

/** librdkafka's side: it answers each topic's commit by itself, when it likes. */
function answering() {
  const asked: RdKafkaTopicPartition[][] = [];
  const consumer = { commit: (offsets: RdKafkaTopicPartition[]) => asked.push(offsets) };
  return { commits: new Commits(consumer as unknown as RdKafkaConsumer), asked };
}

describe('a commit of several topics', () => {
  it('has failed when all are answered: what is still on its way would come behind the next one', async () => {
    const { commits, asked } = answering();
    let ended: unknown = 'pending';
    commits
      .commit([
        { topic: 'orders', partition: 4, offset: 37 },
        { topic: 'parcels', partition: 0, offset: 5 },
      ])
      .then(
        () => {
          ended = 'committed';
        },
        (error: unknown) => {
          ended = error;
        },
      );
    const [orders, parcels] = asked as [RdKafkaTopicPartition[], RdKafkaTopicPartition[]];
    commits.answered(Object.assign(new Error('Broker: Coordinator load in progress'), { code: 14 }), parcels);
    await new Promise(setImmediate);
    expect(ended).toBe('pending');
    commits.answered(null, orders);
    await new Promise(setImmediate);
    expect(ended).toMatchObject({ message: 'Broker: Coordinator load in progress' });
  });
});
