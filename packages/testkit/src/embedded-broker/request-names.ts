/** Kafka's requests that the embedded broker answers, with their API keys. */
export const REQUEST_KEYS = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  ApiVersions: 18,
  CreateTopics: 19,
  DeleteTopics: 20,
  InitProducerId: 22,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
  CreatePartitions: 37,
} as const;

export type RequestName = keyof typeof REQUEST_KEYS;

const NAMES = new Map<number, RequestName>(
  Object.entries(REQUEST_KEYS).map(([name, key]) => [key, name as RequestName]),
);

/** The name of an API key; `undefined` for one that stands not in the table. */
export function requestName(key: number): RequestName | undefined {
  return NAMES.get(key);
}
