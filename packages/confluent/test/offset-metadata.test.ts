import { bindingTest, uniqueName, until } from '@velo/testkit/binding';
import { Kafka, logLevel } from 'kafkajs';
import { expect } from 'vitest';
import { confluent } from './support.js';

const it = bindingTest(confluent);

it('drops the last byte of what another client has committed: velo ends its texts with one that says nothing', async ({
  broker,
  client,
  newTopic,
}) => {
  const [topic, groupId] = [newTopic(1), uniqueName('group')];
  const brokers = broker.bootstrapServers.split(',');
  const other = new Kafka({ brokers, logLevel: logLevel.NOTHING }).consumer({ groupId });
  const joined = new Promise((resolve) => other.on(other.events.GROUP_JOIN, resolve));
  await other.connect();
  await other.subscribe({ topic });
  await other.run({ autoCommit: false, eachMessage: async () => {} });
  await joined;
  await other.commitOffsets([{ topic, partition: 0, offset: '0', metadata: 'velo:partitions=12;' }]);
  await other.disconnect();

  expect(await client.committed(groupId, [{ topic, partition: 0 }])).toEqual([
    { offset: 0, metadata: 'velo:partitions=12' },
  ]);
});

it('reads what it has committed itself as it was', async ({ client, join, told, p0, write, groupId }) => {
  const member = await join(told);
  await write(0, 'a');
  await until(() => told.all.length === 1);
  await member.commit([{ ...p0, offset: 1, metadata: 'velo:partitions=12;' }]);
  expect(await client.committed(groupId, [p0])).toEqual([{ offset: 1, metadata: 'velo:partitions=12;' }]);
});

it('answers many questions at once, by members and by no member', async ({
  client,
  join,
  told,
  p0,
  groupId,
}) => {
  await join(told);
  const asked = Array.from({ length: 20 }, (_, i) =>
    client.committed(i % 2 === 0 ? groupId : uniqueName('group'), [p0]),
  );
  expect(await Promise.all(asked)).toEqual(asked.map(() => [{ offset: -1, metadata: '' }]));
});
