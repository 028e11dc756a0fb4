// Codes of the brokers' errors that tests inject or expect, under Kafka's own names (org.apache.kafka.common.protocol.Errors).
export const OFFSET_OUT_OF_RANGE = 1;
export const UNKNOWN_TOPIC_OR_PARTITION = 3;
export const LEADER_NOT_AVAILABLE = 5;
/** A leader has just moved. */
export const NOT_LEADER_OR_FOLLOWER = 6;
/** Never passes for the same record. */
export const MESSAGE_TOO_LARGE = 10;
/** Passes with time. */
export const COORDINATOR_NOT_AVAILABLE = 15;
/** Passes with time. */
export const NOT_ENOUGH_REPLICAS = 19;
export const ILLEGAL_GENERATION = 22;
export const UNKNOWN_MEMBER_ID = 25;
export const REBALANCE_IN_PROGRESS = 27;
export const INVALID_COMMIT_OFFSET_SIZE = 28;
export const TOPIC_AUTHORIZATION_FAILED = 29;
/** No restart mends it. */
export const GROUP_AUTHORIZATION_FAILED = 30;
export const INVALID_REPLICATION_FACTOR = 38;
export const FENCED_INSTANCE_ID = 82;
export const INVALID_RECORD = 87;
export const UNRELEASED_INSTANCE_ID = 111;
