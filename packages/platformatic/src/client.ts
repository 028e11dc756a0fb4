import { type ClientBinding, type ClientCapabilities, Members, TRANSACTION_TIMEOUT } from '@velo/engine';
import type { PlatformaticLibrary } from './api.js';
import type { ClientConfig } from './connection/client-config.js';
import { Cluster } from './connection/cluster.js';
import { withUndecodedFetches } from './fetching/undecoded-fetches.js';
import { describeGroup, listGroups } from './group/describe-group.js';
import { joinGroup } from './group/join-group.js';
import type { Member } from './group/member.js';
import { publish } from './sending/publish.js';
import { committed, offsets, whereToBegin } from './topics/offsets.js';
import {
  createPartitions,
  createTopics,
  describeTopic,
  leaderless,
  listTopics,
  partitionCount,
  topicIds,
} from './topics/topics.js';

const CAPABILITIES: ClientCapabilities = {
  binaryHeaders: true,
  nullHeaders: true,
  gzip: true,
  offsetMetadata: true,
  // All of a member's share connections, so their number costs none.
  transactions: { scope: 'by-partition', timeout: TRANSACTION_TIMEOUT, maxPartitions: undefined },
};

/** @platformatic/kafka as the engine wants a client. Connects when something is asked for. */
export function openPlatformaticClient(client: PlatformaticLibrary, config: ClientConfig): ClientBinding {
  const library = withUndecodedFetches(client);
  const admin = new Cluster(library, config, 'questions');
  const producer = new Cluster(library, config, 'sends');
  const members = new Members<Member>();

  return {
    capabilities: CAPABILITIES,
    connect: async () => {
      await producer.describe([]);
    },
    partitionCount: (topic) => partitionCount(admin, topic),
    leaderless: (topic) => leaderless(admin, topic),
    describeTopic: (topic) => describeTopic(admin, topic),
    topicIds: (topics) => topicIds(admin, topics),
    listTopics: () => listTopics(admin),
    createTopics: (topics) => createTopics(admin, topics),
    createPartitions: (topic, count) => createPartitions(admin, topic, count),
    describeGroup: (groupId) => describeGroup(admin, groupId),
    listGroups: () => listGroups(admin),
    offsets: (partitions) => offsets(admin, partitions),
    committed: (groupId, partitions) => committed(admin, groupId, partitions),
    publish: (records) => publish(producer, records),
    join: (membership, sink) =>
      members.join(() =>
        joinGroup(library, config, membership, sink, (partitions) =>
          whereToBegin(admin, membership.groupId, partitions),
        ),
      ),
    close: async () => {
      await Promise.all([members.close(), admin.close(), producer.close()]);
    },
  };
}
