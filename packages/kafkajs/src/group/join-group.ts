import { type MemberSink, type Membership, type TopicPartition, VeloError } from '@velo/engine';
import { checkNames } from '@velo/retry-core';
import type {
  KafkaJs,
  KafkaJsConsumer,
  KafkaJsConsumerConfig,
  KafkaJsConsumerEvents,
  KafkaJsEventPayloads,
  KafkaJsPartitionAssigner,
} from '../api.js';
import { tellMissingCodec } from '../fetching/missing-codec.js';
import { holdBehindJoins } from '../quirks/held-behind-joins.js';
import { keptOffsets } from '../quirks/kept-offsets.js';
import { leaveNoSocket } from '../quirks/leave-no-socket.js';
import { linearHeaders } from '../quirks/linear-headers.js';
import { withGeneration } from '../quirks/member-offsets.js';
import { toleratingMovedLeaders } from '../quirks/moved-leaders.js';
import { soundAssignments } from '../quirks/sound-assignments.js';
import { steadyHeartbeats } from '../quirks/steady-heartbeats.js';
import { toldRefusals } from '../quirks/told-refusals.js';
import { Transactions } from '../sending/transactions.js';
import { partitionAssigners } from './assigner.js';
import { BrokerContact } from './broker-contact.js';
import { Member } from './member.js';

/**
 * Of kafkajs's consumer, where the user says nothing else. Measured with a broker that was killed: silent for 12 to
 * 19 s, of which 9 are the cluster's own failover; 40 to 43 s at kafkajs's defaults.
 */
const DEFAULTS = {
  /** ms. A dead member holds its partitions for so long. */
  sessionTimeout: 10_000,
  /** ms. A member hears of a rebalance with its heartbeat. */
  heartbeatInterval: 1_000,
  /** ms. An idle fetch, which a stop and a heartbeat wait for. */
  maxWaitTimeInMs: 500,
  /** ms. After that new partitions are seen. */
  metadataMaxAge: 2_000,
} as const;

/** At 0 retries, an ordinary rebalance would crash kafkajs. */
const RETRY = { retries: 15, initialRetryTime: 100, maxRetryTime: 1_000 } as const;

/** What the cluster is asked by a client that is not the member's own. */
export interface ClusterQuestions {
  /** Whether the group has a coordinator that answers for a partition. */
  readonly isServed: (partition: TopicPartition) => Promise<boolean>;
  /** 0 for a topic that does not exist. */
  readonly partitionCount: (topic: string) => Promise<number>;
}

/** Resolves when the member has joined; after a rejection nothing is left of it. */
export async function joinGroup(
  kafka: KafkaJs,
  membership: Membership,
  sink: MemberSink,
  { isServed, partitionCount }: ClusterQuestions,
): Promise<Member> {
  const { groupId, topics, families = [], former = [] } = membership;
  const owned = () => (joined ? member.owned : former);
  const config = consumerConfig(membership, partitionAssigners({ families, owned, partitionCount }));
  const contact = new BrokerContact();
  const offsetsKept = keptOffsets(toldRefusals(kafka), (partition) => member.lost(partition));
  const transactions = new Transactions(kafka, groupId);
  const known = withGeneration(offsetsKept, (generation) => transactions.learn(generation));
  const assignable = soundAssignments(known, (withheld) => member.withhold(withheld));
  const watchable = linearHeaders(toleratingMovedLeaders(contact.watch(holdBehindJoins(assignable))));
  const steady = steadyHeartbeats(watchable, config);
  const consumer = leaveNoSocket(steady.kafka, (watched) => watched.consumer(steady.config));
  const member: Member = new Member(consumer, sink, isServed, transactions, contact);
  let joined = false;
  let crash: unknown;
  listen(consumer, 'GROUP_JOIN', ({ memberAssignment }) => {
    joined = true;
    member.assign(memberAssignment);
  });
  let ready = false;
  listen(consumer, 'CRASH', ({ error }) => {
    crash = tellMissingCodec(error, member.owned);
    if (ready) member.crash(crash);
  });
  listen(consumer, 'REBALANCING', () => member.rebalance());
  listen(consumer, 'COMMIT_OFFSETS', (made) => member.witness(made));
  listen(consumer, 'START_BATCH_PROCESS', (batch) => member.pass(batch));
  listen(consumer, 'REQUEST', (request) => member.answered(request));
  try {
    await consumer.connect();
    // A partition without a committed offset begins at the earliest record. The engine seeks forward where it wants the
    // latest, so nothing is ever passed over.
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 1,
      eachBatch: (payload) => member.feed(payload),
    });
    // `run` resolves whether it has joined or not.
    if (crash !== undefined) throw crash;
    if (!joined)
      throw new VeloError(
        'VELO_CLIENT',
        `kafkajs has not joined the group "${groupId}", and does not say why. Nothing is lost: velo tries again with a new consumer. If it goes on, see the log of kafkajs (logLevel) and of the group's coordinator.`,
      );
  } catch (error) {
    await member.stop().catch(() => {});
    throw error;
  }
  ready = true;
  return member;
}

/** kafkajs's own options of a consumer and of its retries, which it does not check by itself. */
const CLIENT_NAMES = {
  groupId: true,
  partitionAssigners: true,
  metadataMaxAge: true,
  sessionTimeout: true,
  rebalanceTimeout: true,
  heartbeatInterval: true,
  maxBytesPerPartition: true,
  minBytes: true,
  maxBytes: true,
  maxWaitTimeInMs: true,
  retry: {
    retries: true,
    initialRetryTime: true,
    maxRetryTime: true,
    factor: true,
    multiplier: true,
    restartOnFailure: true,
  },
  allowAutoTopicCreation: true,
  maxInFlightRequests: true,
  readUncommitted: true,
  rackId: true,
} as const;

function consumerConfig(
  { groupId, transactional = false, client = {} }: Membership,
  assigners: KafkaJsPartitionAssigner[],
): KafkaJsConsumerConfig {
  checkNames(client, CLIENT_NAMES, 'client of consumer()');
  const given: Partial<KafkaJsConsumerConfig> = client;
  return {
    ...DEFAULTS,
    ...given,
    partitionAssigners: given.partitionAssigners ?? assigners,
    // kafkajs restarts without a bound, and a disconnect meanwhile leaves a consumer that runs on.
    retry: { ...RETRY, ...given.retry, restartOnFailure: async () => false },
    // Copies of aborted transactions are not read.
    ...(transactional && { readUncommitted: false }),
    groupId,
    allowAutoTopicCreation: false,
  };
}

function listen<E extends keyof KafkaJsConsumerEvents & keyof KafkaJsEventPayloads>(
  consumer: KafkaJsConsumer,
  event: E,
  listener: (payload: KafkaJsEventPayloads[E]) => void,
): void {
  consumer.on(consumer.events[event], (instrumentationEvent: { payload: KafkaJsEventPayloads[E] }) => {
    listener(instrumentationEvent.payload);
  });
}
