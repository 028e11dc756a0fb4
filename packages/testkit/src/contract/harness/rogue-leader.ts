import { AssignerProtocol, type Kafka, type PartitionAssigner } from 'kafkajs';
import { until } from '../../support/until.js';

/** A member that leads its group and assigns by rules of its own. */
export interface RogueLeader {
  stop(): Promise<void>;
}

/**
 * Joins a group that has no member yet, so that it leads, and gives everybody else these partitions, itself none.
 *
 * @param protocol an assignor that the others offer, too
 */
export async function startRogueLeader(
  kafka: Kafka,
  protocol: string,
  { groupId, topic, partitions }: { groupId: string; topic: string; partitions: readonly number[] },
): Promise<RogueLeader> {
  let own: string | undefined;
  const assigner: PartitionAssigner = () => ({
    name: protocol,
    version: 1,
    protocol: ({ topics }) => ({
      name: protocol,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    }),
    assign: async ({ members }) => {
      own ??= members[0]?.memberId;
      return members.map(({ memberId }) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: memberId === own ? {} : { [topic]: [...partitions] },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
  const consumer = kafka.consumer({
    groupId,
    partitionAssigners: [assigner],
    heartbeatInterval: 100,
    maxWaitTimeInMs: 100,
  });
  let joined = false;
  consumer.on(consumer.events.GROUP_JOIN, () => {
    joined = true;
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ eachMessage: async () => {} });
  await until('the rogue leads its group', () => joined);
  return { stop: () => consumer.disconnect() };
}
