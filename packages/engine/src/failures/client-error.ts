import { classifyKafkaError, isRefusedLogin, isVeloError, type RecoveryAction } from '@velo/retry-core';

/**
 * What an error of a Kafka client, or of velo's own about its topics, means for whoever asked the brokers. Each question
 * is asked here and by its name, so that a copy, a member and a topic get one answer.
 */

/** Nobody but a person can mend these; where they speak of one record, it is refused. */
const NEED_A_PERSON: readonly RecoveryAction[] = ['dead-letter', 'fix-configuration'];
/** MESSAGE_TOO_LARGE, RECORD_LIST_TOO_LARGE */
const TOO_LARGE: readonly (number | undefined)[] = [10, 18];
/** INVALID_TIMESTAMP, INVALID_RECORD */
const INVALID: readonly (number | undefined)[] = [32, 87];
/** INVALID_CONFIG, POLICY_VIOLATION */
const CONFIG_REFUSED: readonly (number | undefined)[] = [40, 44];
/**
 * Another member has the same `group.instance.id`. A new member of this consumer would fence that one, which would
 * fence it in turn, and so on without end. Where brokers assign, they refuse the newer one instead (UNRELEASED_INSTANCE_ID), which puts
 * nobody out by trying again, and is let in when the other has gone.
 */
const FENCED_INSTANCE_ID = 82;
const OFFSET_METADATA_TOO_LARGE = 12;
/**
 * To a member, a coordinator that does not know its group says that it is no member any more: the group was deleted, or the one before this
 * coordinator had not written it down. The member joins again.
 */
const GROUP_ID_NOT_FOUND = 69;

/**
 * Whether the error may go away without anybody's help: with time, with newer metadata, or with a new client, which
 * the adapter makes.
 */
export function passes(error: unknown): boolean {
  if (isVeloError(error, 'VELO_TOPOLOGY') || isOfConfiguration(error)) return false;
  const { code, action } = classifyKafkaError(error);
  return code === GROUP_ID_NOT_FOUND || !NEED_A_PERSON.includes(action);
}

/**
 * Whether every member that this consumer could send into the group would meet the error, at any time. Any other
 * error may be a hiccup of a broker where a member has worked before.
 */
export function isFinalForMember(error: unknown): boolean {
  return classifyKafkaError(error).code === FENCED_INSTANCE_ID || isOfConfiguration(error);
}

/** What an adapter says of the options that are passed through to its client, at the first join. */
function isOfConfiguration(error: unknown): boolean {
  return isVeloError(error, 'VELO_NOT_SUPPORTED') || isVeloError(error, 'VELO_INVALID_OPTION');
}

/** A topic or a partition is not there, or not yet known to the broker that was asked. */
export function isMissingTopic(error: unknown): boolean {
  return classifyKafkaError(error).category === 'TopicMissing';
}

/** The brokers do not allow this to the user (authorization), or do not accept the user (authentication). */
export function lacksRights(error: unknown): boolean {
  return classifyKafkaError(error).category === 'AuthenticationIssue';
}

/** It lacks rights, and not the credentials that come before them: an administrator can give them. */
export function needsRights(error: unknown): boolean {
  return lacksRights(error) && !isRefusedLogin(error);
}

/** The brokers could not be asked. */
export function isOutage(error: unknown): boolean {
  return classifyKafkaError(error).category === 'NetworkIssue' && passes(error);
}

/** A broker does not allow a configuration of the topic that is to be made. */
export function refusesConfig(error: unknown): boolean {
  return CONFIG_REFUSED.includes(classifyKafkaError(error).code);
}

/** A broker has rejected a whole batch for the sake of one record. */
export function isOfOneRecord(error: unknown): boolean {
  return isTooLarge(error) || INVALID.includes(classifyKafkaError(error).code);
}

/** A commit carries more metadata than the brokers take (`offset.metadata.max.bytes`). */
export function isMetadataTooLarge(error: unknown): boolean {
  return classifyKafkaError(error).code === OFFSET_METADATA_TOO_LARGE;
}

/** A record, or a batch, is larger than a topic or a broker takes: another form of it may help. */
export function isTooLarge(error: unknown): boolean {
  return TOO_LARGE.includes(classifyKafkaError(error).code);
}
