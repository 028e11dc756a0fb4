import {
  foreignMessage,
  KafkaCodeError,
  readProperty,
  readText,
  unknownTo,
  VeloError,
  withoutLeader,
} from '@velo/engine';

/** As velo's errors name the client. */
export const CLIENT = 'kafkajs';

/** The longest chain of causes that is followed; kafkajs nests three deep. */
const MAX_DEPTH = 10;

/** An error and its causes, the outermost first, whatever they are. Never throws. */
export function* causes(error: unknown): Generator<unknown> {
  let at = error;
  for (let depth = 0; at !== undefined && at !== null && depth < MAX_DEPTH; depth++) {
    yield at;
    at = readProperty(at, 'cause');
  }
}

/** The number that a broker answered with, from the innermost cause; `undefined` if no broker answered. Never throws. */
export function brokerCode(error: unknown): number | undefined {
  let found: number | undefined;
  for (const each of causes(error)) {
    const code = readProperty(each, 'code');
    if (typeof code === 'number') found = code;
  }
  return found;
}

/**
 * kafkajs has given no result for a partition: its metadata lacks it, so nothing was sent.
 * UNKNOWN_TOPIC_OR_PARTITION.
 */
export function unknownPartition(topic: string, partition: number): KafkaCodeError {
  return new KafkaCodeError(3, unknownTo(CLIENT, topic, partition));
}

/** Nothing was sent. LEADER_NOT_AVAILABLE, of kafkajs's own kind, so that it fetches its metadata anew. */
class NoLeaderError extends KafkaCodeError {
  readonly type = 'LEADER_NOT_AVAILABLE';
  readonly retriable = true;
  readonly #brand = true;

  /** Not by `instanceof`, which asks a value for its prototype: a proxy may throw at that. */
  static is(value: unknown): boolean {
    return typeof value === 'object' && value !== null && #brand in value;
  }
}

export function noLeader(topic: string, partition: number): NoLeaderError {
  return new NoLeaderError(5, withoutLeader(topic, partition));
}

/** The leader was asked and has not answered in time, while others have. REQUEST_TIMED_OUT. */
export function silentLeader(): Error {
  const message =
    'A leader has not answered, though others have. Nothing is lost: velo asks it again. If it goes on, look whether that broker can be reached, and whether it is overloaded.';
  return Object.assign(new KafkaCodeError(7, message), { retriable: true });
}

/**
 * Whether kafkajs's own metadata have said so, and no broker's answer; kafkajs has fetched them anew since. Never
 * throws.
 */
export function isNoLeader(error: unknown): boolean {
  return [...causes(error)].some(NoLeaderError.is);
}

export function refusedPartition(topic: string, partition: number, code: number): KafkaCodeError {
  return new KafkaCodeError(
    code,
    `The broker answered code ${code} for partition ${partition} of "${topic}". Nothing counts as written there, so nothing is lost: velo sends again what may pass, and tells what it does with the rest. Kafka's table of error codes says what it means.`,
  );
}

const OWN_FAULTS: ReadonlySet<string> = new Set(['TypeError', 'RangeError', 'ReferenceError']);

/**
 * Gives a fault within kafkajs its own name, and hands on all other errors as they are. Where a broker goes away at a
 * bad time, kafkajs fails with a TypeError (`topicMetadata of null`), which says nothing against the call or the
 * record. Never throws.
 */
export function honest(error: unknown): unknown {
  if (!OWN_FAULTS.has(readText(error, 'name'))) return error;
  return new VeloError(
    'VELO_CLIENT',
    `kafkajs has failed within itself: ${foreignMessage(error)}. It says nothing against the record or the call, and nothing is lost: velo tries again. If it goes on, see the log of kafkajs (logLevel).`,
    {
      cause: error,
    },
  );
}

/** Has no `cause`, so that nobody takes the code for one of this topic. */
export function maybeOtherTopic(error: unknown): VeloError {
  return new VeloError(
    'VELO_CLIENT',
    `kafkajs has failed, perhaps because of another topic of this producer: ${foreignMessage(error)}. Nothing is lost: what was not acknowledged is sent again. If it goes on, look for a topic that was deleted or is forbidden.`,
  );
}
