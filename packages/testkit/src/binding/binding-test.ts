import type { ClientBinding, GroupMember, MemberSink, PublishOutcome, TopicPartition } from '@velo/engine';
import { type TestAPI, test } from 'vitest';
import type { EmbeddedBroker } from '../embedded-broker/embedded-broker.js';
import { startEmbeddedBroker } from '../embedded-broker/start-embedded-broker.js';
import { uniqueName } from '../support/names.js';
import type { BindingUnderTest } from './binding-under-test.js';
import { record } from './record.js';
import { Told } from './told.js';
import { until } from './until.js';

/** What a test of a binding gets of what it names; all of it is taken down again. */
export interface BindingStage {
  /** How many brokers the cluster has. */
  readonly brokers: number;
  readonly broker: EmbeddedBroker;
  readonly client: ClientBinding;
  readonly groupId: string;
  /** Of two partitions. */
  readonly topic: string;
  readonly p0: TopicPartition;
  readonly p1: TopicPartition;
  /** Hears of the member that joins without a sink of its own. */
  readonly told: Told;
  /** Joins the group for the topic; the options come over the quick ones. */
  readonly join: (sink?: MemberSink, options?: object) => Promise<GroupMember>;
  /** Writes to the topic. */
  readonly write: (partition: number, ...values: string[]) => Promise<readonly PublishOutcome[]>;
  /** Makes a topic whose partitions are led by the brokers in turn. */
  readonly newTopic: (partitions: number) => string;
  /** The end of each partition. */
  readonly latest: (topic: string, partitions: number) => Promise<number[]>;
  /** What a group of its own is told of a topic, once there are so many records. */
  readonly readAll: (topic: string, count: number) => Promise<Told>;
}

/** vitest's `test` for a binding, on an embedded broker of its own. */
export function bindingTest(binding: BindingUnderTest, brokers = 1): TestAPI<BindingStage> {
  return test.extend<BindingStage>({
    brokers,
    broker: async ({ brokers }, use) => {
      await using broker = await startEmbeddedBroker({ brokers, trackRequests: true });
      await use(broker);
    },
    client: async ({ broker }, use) => {
      const client = binding.open(broker);
      await use(client);
      await client.close();
    },
    groupId: async ({ brokers: _ }, use) => use(uniqueName('group')),
    topic: async ({ newTopic }, use) => use(newTopic(2)),
    p0: async ({ topic }, use) => use({ topic, partition: 0 }),
    p1: async ({ topic }, use) => use({ topic, partition: 1 }),
    told: async ({ brokers: _ }, use) => use(new Told()),
    join: async ({ client, groupId, topic, told }, use) =>
      use((sink = told, options = {}) =>
        client.join({ groupId, topics: [topic], client: { ...binding.quick, ...options } }, sink),
      ),
    write: async ({ client, topic }, use) =>
      use((partition, ...values) => client.publish(values.map((value) => record(topic, partition, value)))),
    newTopic: async ({ broker, brokers }, use) =>
      use((partitions) => {
        const topic = uniqueName('topic');
        broker.createTopic(topic, { partitions });
        for (let partition = 0; partition < partitions; partition++)
          broker.setLeader(topic, partition, (partition % brokers) + 1);
        return topic;
      }),
    latest: async ({ client }, use) =>
      use(async (topic, partitions) => {
        const asked = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
        return (await Promise.all(client.offsets(asked))).map((range) => range.latest);
      }),
    readAll: async ({ client }, use) =>
      use(async (topic, count) => {
        const told = new Told();
        await client.join({ groupId: uniqueName('group'), topics: [topic], client: binding.quick }, told);
        await until(() => told.all.length === count);
        return told;
      }),
  });
}
