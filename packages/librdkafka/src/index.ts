export { checkProperties, OAUTHBEARER } from './check-properties.js';
export { CODES, coded, codeOf, isSilence, LibrdKafkaError } from './codes.js';
export type { ClientConfig } from './config.js';
export {
  adminConfig,
  bootstrapCount,
  consumerConfig,
  gzipConfig,
  producerConfig,
  queryConfig,
  theirPart,
  transactionalConfig,
} from './config.js';
export {
  leaderMissing,
  missingTopic,
  noToken,
  refusedConfig,
  stuckPartition,
  undelivered,
  undone,
  unknownPartition,
} from './errors.js';
export { fencedInstance, isFatal, readFatalError } from './fatal-error.js';
export { Faults } from './faults.js';
export type { LogLine } from './log-line.js';
export { readOffsetReset } from './log-line.js';
export { tellMissingCodec } from './missing-codec.js';
export { OldBrokers } from './old-brokers.js';
export { PROPERTY_NAMES } from './property-names.js';
export type { Takes } from './property-values.js';
export { checkValues } from './property-values.js';
