import { randomUUID } from 'node:crypto';
import { closed, isVeloError, type MemberSink, type Membership, memberTransactionalId } from '@velo/engine';
import type { RdKafkaTopicPartition } from '../api.js';
import { checkConsumerConfig } from '../connection/check-config.js';
import { ConsumerHandle } from '../connection/consumer-handle.js';
import { listen } from '../connection/listen.js';
import { CODES, coded, codeOf } from '../errors/codes.js';
import { readFatalError, toldInstance } from '../errors/fatal-error.js';
import { readOffsetReset, readTopicId } from '../errors/log-line.js';
import { tellMissingCodec } from '../errors/missing-codec.js';
import type { ClientLibrary } from '../facts.js';
import { consumerConfig, transactionalConfig } from '../properties/config.js';
import { TransactionalProducer } from '../sending/transactional-producer.js';
import { Transactions } from '../sending/transactions.js';
import { Member } from './member.js';
import { Standstills, tryToRead } from './standstills.js';

/**
 * ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, REBALANCE_IN_PROGRESS, and the coordinator's: librdkafka joins again by itself.
 */
const PASSING: ReadonlySet<number> = new Set([14, 15, 16, 22, 25, 27, 79]);

/** ms. Between a fatal error and the line of the log that gives its reason. */
const FATAL_REASON_WAIT = 100;

/** ms. How often rights are looked at that nobody may have told of. */
const LOOK_EVERY = 30_000;

export interface JoinedGroup {
  readonly groupId: string;
  readonly member: Member;
  readonly handle: ConsumerHandle;
}

export interface JoinOptions {
  readonly library: ClientLibrary;
  /** The properties that all clients have. */
  readonly config: object;
  /** Why the topics cannot be read, if that is so. */
  readonly findFault: (topics: readonly string[]) => Promise<unknown>;
  /** Gives the joining up. */
  readonly signal: AbortSignal;
  /** Told of a member that leaves because it could not join; that takes its time. */
  readonly onLeaving: (leaving: Promise<void>) => void;
}

/** Resolves when the member has joined. */
export async function joinGroup(
  { groupId, topics, transactional, tellsEnds, client }: Membership,
  sink: MemberSink,
  { library, config: given, findFault, signal, onLeaving }: JoinOptions,
): Promise<JoinedGroup> {
  checkConsumerConfig(library, given, client);
  const config = consumerConfig(given, groupId, client, transactional, tellsEnds);
  let member: Member;
  const callbacks = {
    rebalance_cb: (decision: unknown, partitions: RdKafkaTopicPartition[]) =>
      member.rebalance(decision, partitions),
    offset_commit_cb: (error: unknown, offsets: RdKafkaTopicPartition[]) => member.committed(error, offsets),
  };
  const handle = new ConsumerHandle(library, { ...config, global: { ...config.global, ...callbacks } });
  let joined = false;
  let fail: (error: unknown) => void = () => {};
  let succeed: () => void = () => {};
  const outcome = new Promise<void>((resolve, reject) => {
    succeed = resolve;
    fail = reject;
  });
  outcome.catch(() => {});
  const abort = () => fail(closed());
  signal.addEventListener('abort', abort, { once: true });
  // The first report of these is the last: librdkafka is silent from then on.
  const end = (error: unknown) => {
    const told = toldInstance(error, groupId, config.global['group.instance.id']);
    if (joined) member.crash(told);
    else fail(told);
  };
  let checked = Promise.resolve();
  const look = (judge: (fault: unknown) => void) => {
    checked = checked.then(() => findFault(topics)).then(judge);
  };
  const onError = (error: unknown) => {
    const code = codeOf(error) ?? 0;
    if (isVeloError(error)) end(error);
    else if (code === CODES.UNKNOWN_TOPIC_OR_PART || code === CODES.TOPIC_AUTHORIZATION_FAILED) {
      // librdkafka does not say of which topic; and a broker may not know yet what another one has just made.
      const mayPass = code === CODES.UNKNOWN_TOPIC_OR_PART;
      look((fault) => {
        if (fault !== undefined || !mayPass) end(fault ?? coded(error));
      });
    } else if (code === CODES.NOT_IMPLEMENTED)
      end(tellMissingCodec(library.facts.name, error, topics, library.features));
    // The log says why, or has said it already.
    else if (code === CODES.FATAL) setTimeout(() => end(coded(error)), FATAL_REASON_WAIT);
    else if (code > 0 && !PASSING.has(code)) end(coded(error));
  };
  const transactions = new Transactions({
    newId: () => memberTransactionalId(groupId, randomUUID()),
    open: (id, gzip) => new TransactionalProducer(library, transactionalConfig(given, id, gzip)),
    consumer: handle,
  });
  const standstills = new Standstills({
    config,
    read: (partition, offset, isWanted) => tryToRead(library, config, partition, offset, isWanted),
  });
  member = new Member(
    handle,
    library.facts,
    sink,
    transactions,
    standstills,
    () => void checked.then(succeed),
    onError,
  );
  listen(handle.client, 'event.log', (log) => {
    const fatal = readFatalError(log);
    if (fatal !== undefined) end(fatal);
    const reset = readOffsetReset(log);
    if (reset !== undefined) member.lost(reset, reset.offset);
    const news = readTopicId(log);
    if (news?.isMadeAgain) member.madeAgain(news.topic);
  });
  listen(handle.client, 'partition.eof', (end) => member.reached(end));
  listen(handle.client, 'event.error', (error) => {
    const { refused, reason } = handle.faults;
    if (codeOf(error) === CODES.ALL_BROKERS_DOWN && (refused ?? (joined ? undefined : reason)))
      end(refused ?? reason);
  });
  try {
    await Promise.race([handle.ready(), outcome]);
    member.start(topics);
    await outcome;
  } catch (error) {
    onLeaving(member.stop());
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
  joined = true;
  // Of a refusal librdkafka tells once, and its clients drop it where it comes behind records in one call.
  const looking = setInterval(() => {
    look((fault) => {
      if (codeOf(fault) === CODES.TOPIC_AUTHORIZATION_FAILED) end(fault);
    });
  }, LOOK_EVERY).unref();
  listen(handle.client, 'disconnected', () => clearInterval(looking));
  return { groupId, member, handle };
}
