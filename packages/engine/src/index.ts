export { foreignMessage, readArray, readProperty, readText } from '@velo/retry-core';
export { assignGroup, type GroupAssignment, VELO_PROTOCOL } from './binding/assign-group.js';
export type { Subscriber } from './binding/assign-partitions.js';
export { Bell } from './binding/bell.js';
export {
  BrokerLines,
  type Line,
  type LineErrors,
  type LineFailure,
  newLine,
} from './binding/broker-lines.js';
export {
  closed,
  instanceHeld,
  instanceTaken,
  isTooLate,
  KafkaCodeError,
  notCommitted,
  notFenced,
  tooLate,
  unknownTo,
  unwritableRecord,
  withoutHeaders,
  withoutLeader,
  writablePart,
} from './binding/client-errors.js';
export { int16, int32, readAssignment, writeAssignment } from './binding/consumer-protocol.js';
export { inTime, within } from './binding/deadline.js';
export { groupMembers } from './binding/group-members.js';
export { indexesByPartition } from './binding/indexes-by-partition.js';
export type { ReadHeaders } from './binding/lazy-headers.js';
export { lazyHeaders, noHeaders } from './binding/lazy-headers.js';
export { isLegalPartition } from './binding/legal-partition.js';
export type { EndingMember } from './binding/members.js';
export { Members } from './binding/members.js';
export { isOfOldFormat } from './binding/old-format.js';
export { type PartitionProducer, PartitionTransactions } from './binding/partition-transactions.js';
export { partitionKey } from './binding/record.js';
export { sizeInBytes } from './binding/record-size.js';
export { type GroupSubscription, readSubscription, writeSubscription } from './binding/subscription.js';
export { TRANSACTION_TIMEOUT } from './binding/transaction-timeout.js';
export { memberTransactionalId, transactionalId } from './binding/transactional-id.js';
export { Turns } from './binding/turns.js';
export { looksLikeKafkaJs, wrongClient } from './binding/wrong-client.js';
export { MAX_COPY_GROWTH, MAX_STACK_GROWTH } from './headers/bounds.js';
export type { GaugeSample, GaugeSubject } from './observing/gauge-reader.js';
export { GaugeReader } from './observing/gauge-reader.js';
export type { GaugeFacts, GaugeKey } from './observing/gauge-table.js';
export { GAUGES } from './observing/gauge-table.js';
export { HOLD_REASONS } from './observing/held.js';
export type { FieldLogger } from './plan/safe-logger.js';
export { safeLogger } from './plan/safe-logger.js';
// What users see, of which an adapter hands on the same: see there.
export * from './public.js';
export { MAX_GZIP_RECORD_BYTES } from './sending/request-size.js';
export { createVeloOn, VELO_NAMES } from './velo.js';
