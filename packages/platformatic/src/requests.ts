// One file, since it is one list.
import type {
  Address,
  Coded,
  FetchedPartition,
  FetchTopic,
  Named,
  OffsetsOfGroup,
  OffsetToCommit,
  PlatformaticMessage,
  ProduceOptions,
} from './api.js';

/** Each request: its arguments, which are the same in all versions, and the answer. */
export interface Requests {
  apiVersions: {
    args: readonly [software: string, version: string];
    answer: Coded & {
      readonly apiKeys: readonly { apiKey: number; minVersion: number; maxVersion: number }[];
    };
  };
  metadata: {
    args: readonly [topics: readonly string[] | null, create: boolean, operations: boolean];
    answer: {
      readonly brokers: readonly (Address & { readonly nodeId: number })[];
      readonly controllerId: number;
      readonly topics: readonly (Coded & {
        readonly name: string;
        /** From version 10 on. */
        readonly topicId?: string;
        readonly partitions: readonly {
          readonly partitionIndex: number;
          readonly leaderId: number;
          readonly replicaNodes: readonly number[];
        }[];
      })[];
    };
  };
  findCoordinator: {
    args: readonly [type: number, keys: readonly string[]];
    answer: { readonly coordinators: readonly (Coded & Address & { readonly nodeId: number })[] };
  };
  joinGroup: {
    args: readonly [
      groupId: string,
      sessionTimeout: number,
      rebalanceTimeout: number,
      memberId: string,
      instanceId: string | null,
      type: 'consumer',
      protocols: readonly { readonly name: string; readonly metadata: Buffer }[],
      reason: string,
    ];
    answer: Coded & {
      readonly generationId: number;
      readonly protocolName: string | null;
      readonly leader: string;
      readonly memberId: string;
      readonly members: readonly { readonly memberId: string; readonly metadata: Buffer }[];
    };
  };
  syncGroup: {
    args: readonly [
      groupId: string,
      generationId: number,
      memberId: string,
      instanceId: string | null,
      type: 'consumer',
      protocol: string,
      assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[],
    ];
    answer: Coded & { readonly assignment: Buffer };
  };
  heartbeat: {
    args: readonly [groupId: string, generationId: number, memberId: string, instanceId: string | null];
    answer: Coded;
  };
  leaveGroup: {
    args: readonly [
      groupId: string,
      members: readonly { readonly memberId: string; readonly groupInstanceId: null }[],
    ];
    answer: Coded;
  };
  offsetCommit: {
    args: readonly [
      groupId: string,
      generationId: number,
      memberId: string,
      instanceId: string | null,
      topics: readonly Named<OffsetToCommit>[],
    ];
    answer: { readonly topics: readonly Named<Coded & { readonly partitionIndex: number }>[] };
  };
  offsetFetch: {
    args: readonly [
      groups: readonly {
        readonly groupId: string;
        readonly memberId: null;
        readonly memberEpoch: number;
        readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[];
      }[],
      requireStable: boolean,
    ];
    /** Of one group up to version 7, else of each. */
    answer: Partial<OffsetsOfGroup> & { readonly groups: readonly OffsetsOfGroup[] };
  };
  listOffsets: {
    args: readonly [
      replica: -1,
      isolation: number,
      topics: readonly Named<{
        readonly partitionIndex: number;
        readonly currentLeaderEpoch: -1;
        readonly timestamp: bigint;
      }>[],
    ];
    answer: {
      readonly topics: readonly Named<Coded & { readonly partitionIndex: number; readonly offset: bigint }>[];
    };
  };
  fetch: {
    args: readonly [
      maxWait: number,
      minBytes: number,
      maxBytes: number,
      isolation: number,
      sessionId: 0,
      sessionEpoch: -1,
      topics: readonly FetchTopic[],
      forgotten: readonly [],
      rack: string,
    ];
    answer: Coded & {
      readonly responses: readonly {
        readonly topicId: string;
        readonly partitions: readonly FetchedPartition[];
      }[];
    };
  };
  produce: {
    args: readonly [acks: -1, timeout: number, messages: PlatformaticMessage[], options: ProduceOptions];
    answer: {
      readonly responses: readonly {
        readonly name: string;
        readonly partitionResponses: readonly (Coded & {
          readonly index: number;
          readonly baseOffset: bigint;
          readonly errorMessage?: string | null;
        })[];
      }[];
    };
  };
  initProducerId: {
    args: readonly [transactionalId: string, timeout: number, producerId: bigint, producerEpoch: number];
    answer: Coded & { readonly producerId: bigint; readonly producerEpoch: number };
  };
  addPartitionsToTxn: {
    args: readonly [
      transactions: readonly {
        readonly transactionalId: string;
        readonly producerId: bigint;
        readonly producerEpoch: number;
        readonly verifyOnly: false;
        readonly topics: readonly { readonly name: string; readonly partitions: readonly number[] }[];
      }[],
    ];
    answer: {
      readonly resultsByTransaction: readonly {
        readonly topicResults: readonly {
          readonly name: string;
          readonly resultsByPartition: readonly {
            readonly partitionIndex: number;
            readonly partitionErrorCode: number;
          }[];
        }[];
      }[];
    };
  };
  addOffsetsToTxn: {
    args: readonly [transactionalId: string, producerId: bigint, producerEpoch: number, groupId: string];
    answer: Coded;
  };
  txnOffsetCommit: {
    args: readonly [
      transactionalId: string,
      groupId: string,
      producerId: bigint,
      producerEpoch: number,
      generationId: number,
      memberId: string,
      instanceId: string | null,
      topics: readonly Named<OffsetToCommit>[],
    ];
    answer: { readonly topics: readonly Named<Coded & { readonly partitionIndex: number }>[] };
  };
  endTxn: {
    args: readonly [transactionalId: string, producerId: bigint, producerEpoch: number, commit: boolean];
    answer: Coded;
  };
  createTopics: {
    args: readonly [
      topics: readonly {
        readonly name: string;
        readonly numPartitions: number;
        readonly replicationFactor: number;
        readonly assignments: readonly [];
        readonly configs: readonly { readonly name: string; readonly value: string }[];
      }[],
      timeout: number,
      validateOnly: boolean,
    ];
    answer: {
      readonly topics: readonly (Coded & { readonly name: string; readonly errorMessage?: string | null })[];
    };
  };
  createPartitions: {
    args: readonly [
      topics: readonly { readonly name: string; readonly count: number; readonly assignments: null }[],
      timeout: number,
      validateOnly: boolean,
    ];
    answer: { readonly results: readonly (Coded & { readonly errorMessage?: string | null })[] };
  };
  describeConfigs: {
    args: readonly [
      resources: readonly {
        readonly resourceType: number;
        readonly resourceName: string;
        readonly configurationKeys: null;
      }[],
      synonyms: boolean,
      documentation: boolean,
    ];
    answer: {
      readonly results: readonly (Coded & {
        readonly configs: readonly {
          readonly name: string;
          readonly value: string | null;
          readonly configSource: number;
        }[];
      })[];
    };
  };
  describeGroups: {
    args: readonly [groups: readonly string[], operations: boolean];
    answer: {
      readonly groups: readonly (Coded & {
        readonly groupState: string;
        readonly members: readonly { readonly memberMetadata: Buffer; readonly memberAssignment: Buffer }[];
      })[];
    };
  };
  listGroups: {
    args: readonly [states: readonly string[], types: readonly string[]];
    answer: Coded & { readonly groups: readonly { readonly groupId: string }[] };
  };
}

export type RequestName = keyof Requests;
