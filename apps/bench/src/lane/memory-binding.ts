import type { ClientBinding } from '@velo/engine';

/** A client of topics with one partition each, all of which are there, for a group that begins. */
export function memoryBinding(
  own: Pick<ClientBinding, 'listTopics' | 'offsets' | 'publish' | 'join'>,
): ClientBinding {
  return {
    capabilities: {
      binaryHeaders: true,
      nullHeaders: true,
      gzip: false,
      offsetMetadata: true,
      transactions: undefined,
    },
    connect: async () => {},
    partitionCount: async () => 1,
    leaderless: async () => [],
    describeTopic: async () => ({}),
    topicIds: undefined,
    describeGroup: undefined,
    listGroups: undefined,
    createTopics: async () => {},
    createPartitions: async () => {},
    committed: async (_, partitions) => partitions.map(() => ({ offset: -1, metadata: '' })),
    close: async () => {},
    ...own,
  };
}
