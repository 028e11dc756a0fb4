import {
  type ClientBinding,
  type GroupMember,
  type KafkaRecord,
  lazyHeaders,
  type MemberSink,
  type Membership,
  type OutgoingRecord,
  type PublishOutcome,
} from '../../src/index.js';
import type { MemoryKafka, Message, Place } from './memory-kafka.js';

/** Binds a client to velo: translates, and decides nothing. */
export function bindMemory(kafka: MemoryKafka): ClientBinding {
  const members = new Set<GroupMember>();
  return {
    // What the client cannot carry, velo encodes; what it cannot do, velo does without or refuses.
    capabilities: {
      binaryHeaders: true,
      nullHeaders: true,
      gzip: false,
      offsetMetadata: true,
      transactions: undefined,
    },

    // Topics. What the client has no way to ask for is left out.
    connect: async () => {},
    partitionCount: async (topic) => kafka.partitionCount(topic),
    leaderless: async () => [],
    describeTopic: async () => ({}),
    topicIds: undefined,
    listTopics: async () => kafka.topics,
    describeGroup: undefined,
    listGroups: undefined,
    createTopics: async (topics) => {
      for (const { topic, partitions } of topics) kafka.createTopic(topic, partitions);
    },
    createPartitions: async (topic, count) => kafka.createTopic(topic, count),

    // Offsets: each partition has an answer of its own, since its leader may be away.
    offsets: (partitions) =>
      partitions.map(async (partition) => ({ earliest: 0, latest: kafka.log(partition).length })),
    committed: async (groupId, partitions) =>
      partitions.map((partition) => kafka.committed(groupId, partition) ?? { offset: -1, metadata: '' }),

    // One batch of one partition. Never rejects: each record has its outcome.
    publish: async (records) => records.map((record) => write(kafka, record)),

    join: async (membership, sink) => {
      const member = await joinGroup(kafka, membership, sink);
      members.add(member);
      return member;
    },
    close: async () => {
      for (const member of members) await member.stop();
    },
  };
}

function write(kafka: MemoryKafka, record: OutgoingRecord): PublishOutcome {
  const { key, value, headers, timestamp = Date.now() } = record;
  try {
    const offset = kafka.append(record, {
      timestamp,
      key: bytes(key),
      value: bytes(value),
      headers: headers.map(([name, text]) => [name, bytes(text)]),
    });
    return { written: true, offset: String(offset) };
  } catch (error) {
    // As the client threw it: velo reads Kafka's code, and decides whether it passes.
    return { written: false, error };
  }
}

/** One life of the client's consumer: velo makes another one where it ends. */
async function joinGroup(kafka: MemoryKafka, membership: Membership, sink: MemberSink): Promise<GroupMember> {
  const consumer = await kafka.join(membership.groupId, membership.topics, {
    revoking: (places) => sink.revoking(places),
    // All that the member owns from now on, in the tick in which the client changes it.
    assigned: (places) => sink.assignment(places),
    // The handler does not run in here: velo queues the records, and the client fetches on.
    fetched: (place, messages) =>
      sink.records(
        place.topic,
        place.partition,
        messages.map((message) => toRecord(place, message)),
      ),
    outOfRange: (place) => sink.outOfRange(place),
  });
  return {
    pause: (partitions) => consumer.pause(partitions),
    resume: (partitions) => consumer.resume(partitions),
    seek: (position) => consumer.seek(position, position.offset),
    // Rejects, or is made; made for as long as the consumer is in its group.
    commit: async (offsets) => {
      for (const { offset, metadata = '', ...place } of offsets) consumer.commit(place, { offset, metadata });
    },
    transactions: undefined,
    contact: () => ({ sinceAnswer: 0, overdue: [] }),
    stop: () => consumer.leave(),
  };
}

function toRecord({ topic, partition }: Place, { offset, headers, ...rest }: Message): KafkaRecord {
  const size = headers.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0), 0);
  return { topic, partition, offset: String(offset), ...rest, headers: lazyHeaders(() => headers, size) };
}

function bytes(value: Buffer | string | null): Buffer | null {
  return typeof value === 'string' ? Buffer.from(value) : value;
}
