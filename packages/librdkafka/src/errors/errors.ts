import { readProperty, withoutLeader } from '@velo/engine';
import { foreignMessage, VeloError } from '@velo/retry-core';
import { CODES, coded, codeOf, LibrdKafkaError } from './codes.js';

/** No token was given. The cause says whether a later one may be. */
export function noToken(cause: unknown): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    `token() gave none for SASL/OAUTHBEARER: ${foreignMessage(cause)}. Nothing is lost: velo asks again, and connections that stand go on until the brokers want a new one. Look at what gives the token.`,
    {
      cause,
    },
  );
}

export function unknownPartition(topic: string, partition: number): LibrdKafkaError {
  return new LibrdKafkaError(
    CODES.UNKNOWN_TOPIC_OR_PART,
    `Unknown topic or partition: "${topic}", ${partition}`,
  );
}

/** The error that a broker answers for a partition without a leader. */
export function leaderMissing(topic: string, partition: number): LibrdKafkaError {
  return new LibrdKafkaError(CODES.LEADER_NOT_AVAILABLE, withoutLeader(topic, partition));
}

export function missingTopic(topic: string): LibrdKafkaError {
  return new LibrdKafkaError(CODES.UNKNOWN_TOPIC_OR_PART, `Unknown topic or partition: "${topic}"`);
}

/**
 * Why a record was not written. librdkafka reports its own termination (`ERR__DESTROY`) also where only a partition
 * has vanished, and its queue with it. The error has no `cause`: errors are judged by the code at their root, and
 * here nothing has ended for good.
 */
export function undelivered(error: unknown, hasHeaders = false): unknown {
  if (codeOf(error) !== CODES.DESTROY) return hasHeaders ? withoutHeadersPerhaps(coded(error)) : coded(error);
  return new LibrdKafkaError(
    CODES.UNKNOWN_TOPIC_OR_PART,
    `Unknown topic or partition: it has vanished (librdkafka: ${foreignMessage(error)})`,
  );
}

/**
 * Brokers of up to Kafka 2.8 answer a producer that is not idempotent UNKNOWN_SERVER_ERROR where a topic's format has no
 * headers. Other faults have that code too, and pass, and librdkafka's clients cannot ask for a topic's format: the record is tried
 * again, and the error says what to look at.
 */
function withoutHeadersPerhaps(error: unknown): unknown {
  if (readProperty(error, 'code') !== CODES.UNKNOWN_SERVER_ERROR) return error;
  return new LibrdKafkaError(
    CODES.UNKNOWN_SERVER_ERROR,
    `${foreignMessage(error)}; if this does not pass, see whether the topic has a message.format.version of before Kafka 0.11, whose records have no headers`,
  );
}

export function undone(): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    'The transaction was undone because of a copy from another partition. Nothing is lost: these copies go with the next one. Nothing is to be done.',
  );
}

/** A new consumer would read on where this one gets nothing. */
export function stuckPartition(topic: string, partition: number): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    `librdkafka fetches nothing of partition ${partition} of "${topic}", though there is something to read: what it knows of the partition is out of date, as after the topic was deleted and made again. Nothing is lost. velo goes on with a new consumer, and nothing is to be done.`,
  );
}
