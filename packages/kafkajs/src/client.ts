import { type ClientBinding, type ClientCapabilities, Members, TRANSACTION_TIMEOUT } from '@velo/engine';
import type { KafkaJs, KafkaJsAdmin } from './api.js';
import { Connection } from './connection/connection.js';
import { describeGroup } from './group/describe-group.js';
import { joinGroup } from './group/join-group.js';
import { listGroups } from './group/list-groups.js';
import type { Member } from './group/member.js';
import { agingMetadata } from './quirks/aging-metadata.js';
import { keptHeaders } from './quirks/kept-headers.js';
import { tolerateLeaderless } from './quirks/leaderless.js';
import { leaveNoSocket } from './quirks/leave-no-socket.js';
import { shortSessions } from './quirks/short-sessions.js';
import { soundConnections } from './quirks/sound-connections.js';
import { steadyRequests } from './quirks/steady-requests.js';
import { withTopicIds } from './quirks/topic-ids.js';
import { producerOf } from './sending/producer.js';
import { publish } from './sending/publish.js';
import { committed, offsets } from './topics/offsets.js';
import {
  createPartitions,
  createTopics,
  describeTopic,
  leaderless,
  partitionCount,
} from './topics/topics.js';

/** A producer holds a connection to each broker that it meets: at 1,024 open files, 200 of them leave room. */
const MAX_TRANSACTIONAL_PARTITIONS = 200;

const CAPABILITIES: ClientCapabilities = {
  binaryHeaders: true,
  nullHeaders: false,
  gzip: true,
  offsetMetadata: true,
  transactions: {
    scope: 'by-partition',
    timeout: TRANSACTION_TIMEOUT,
    maxPartitions: MAX_TRANSACTIONAL_PARTITIONS,
  },
};

/** The engine retries by itself; kafkajs's own retries help where the controller or a leader has just moved. */
const ADMIN_RETRY = { retries: 2, initialRetryTime: 100, maxRetryTime: 500 };

/** kafkajs as the engine wants a client. Connects when something is asked for. */
export function openKafkaJsClient(given: KafkaJs): ClientBinding {
  const kafka = agingMetadata(
    tolerateLeaderless(shortSessions(keptHeaders(steadyRequests(soundConnections(given))))),
  );
  const admin = new Connection(() =>
    withTopicIds(kafka, (told) =>
      leaveNoSocket(told, (watched): KafkaJsAdmin => watched.admin({ retry: ADMIN_RETRY })),
    ),
  );
  const producer = producerOf(kafka);
  const members = new Members<Member>();

  return {
    capabilities: CAPABILITIES,
    connect: () => producer.use(async () => {}),
    partitionCount: (topic) => partitionCount(admin, topic),
    leaderless: (topic) => leaderless(admin, topic),
    describeTopic: (topic) => describeTopic(admin, topic),
    topicIds: (topics) => admin.use((client) => client.fetchTopicIds(topics)),
    listTopics: () => admin.use((client) => client.listTopics()),
    createTopics: (topics) => createTopics(admin, topics),
    createPartitions: (topic, count) => createPartitions(admin, topic, count),
    describeGroup: (groupId) => describeGroup(admin, groupId),
    listGroups: () => listGroups(admin),
    offsets: (partitions) => offsets(admin, partitions),
    committed: (groupId, partitions) => committed(admin, groupId, partitions),
    publish: (records) => publish(producer, records),
    join: (membership, sink) =>
      members.join(() =>
        joinGroup(kafka, membership, sink, {
          isServed: async (partition) => {
            await committed(admin, membership.groupId, [partition]);
            return true;
          },
          partitionCount: (topic) => partitionCount(admin, topic),
        }),
      ),
    close: async () => {
      await Promise.all([members.close(), admin.close(), producer.close()]);
    },
  };
}
