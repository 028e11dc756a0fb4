/**
 * Names of OpenTelemetry's semantic conventions for messaging, 1.44. They are in development and may move; a test holds these to
 * `@opentelemetry/semantic-conventions`. What only velo knows has names of its own, that begin with `velo.`.
 */
export const ERROR_TYPE = 'error.type';
export const SYSTEM = 'messaging.system';
export const OPERATION_NAME = 'messaging.operation.name';
export const OPERATION_TYPE = 'messaging.operation.type';
export const DESTINATION_NAME = 'messaging.destination.name';
export const PARTITION_ID = 'messaging.destination.partition.id';
export const CONSUMER_GROUP_NAME = 'messaging.consumer.group.name';
export const BATCH_MESSAGE_COUNT = 'messaging.batch.message_count';
export const BODY_SIZE = 'messaging.message.body.size';
export const OFFSET = 'messaging.kafka.offset';
export const TOMBSTONE = 'messaging.kafka.message.tombstone';

export const PROCESS_DURATION = 'messaging.process.duration';
export const CONSUMED_MESSAGES = 'messaging.client.consumed.messages';
export const SENT_MESSAGES = 'messaging.client.sent.messages';
export const OPERATION_DURATION = 'messaging.client.operation.duration';

export const KAFKA = 'kafka';
/** Where nothing better is known of an error. */
export const OTHER = '_OTHER';

/** Of both durations, s. */
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** velo's own, of spans, links and metrics. */
export const OUTCOME = 'velo.outcome';
export const ATTEMPT = 'velo.attempt';
export const TOTAL_ATTEMPTS = 'velo.attempts';
export const TIER = 'velo.tier';
export const RECORD_ID = 'velo.record.id';
export const FIRST_ATTEMPT = 'velo.first_attempt';
export const ERROR_CATEGORY = 'velo.error.category';
export const COPY_KIND = 'velo.copy.kind';
export const REASON = 'velo.reason';
export const STATE = 'velo.state';
export const LINK = 'velo.link';

/** Who measures and traces. */
export const SCOPE = '@velo/opentelemetry';
