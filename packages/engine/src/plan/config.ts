// One file, so that whoever configures a consumer reads all that can be said.
import type { CircuitBreaker, Duration, RetryStrategy } from '@velo/retry-core';
import type { KafkaRecord } from '../binding/record.js';
import type { DeadLetterHeaders, TierHeaders } from '../headers/profile.js';
import type { DeadLetterRoute } from './dead-letter-route.js';
import type { Decode, Decoding, OwnTopicPolicy } from './decoding.js';

/** Where a record first stood, before any copy of it in a tier. */
export interface RecordSource {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** ms since 1970; -1 if unknown. */
  readonly timestamp: number;
}

/** What a handler is told about the record beside the message itself. */
export interface HandlerContext {
  /** The attempt at this record in this topic; 1 is the first. Does not survive a crash. */
  readonly attempt: number;
  /** 0: the source topic, or its replay topic, where all begins anew; n: the n-th tier. */
  readonly tier: number;
  /** The attempts at this record in all topics, this one included. */
  readonly totalAttempts: number;
  /** Aborted when the result is no longer wanted: partition revoked, consumer stopped for good, handler timed out. */
  readonly signal: AbortSignal;
  /** As it stands in the topic that it was read from: the source, a tier, or the replay topic. */
  readonly record: KafkaRecord;
  readonly source: RecordSource;
  /**
   * `TOPIC/PARTITION/OFFSET` of `source`, as `orders/3/42`: the same in each attempt and each tier, and of no other record of
   * the cluster as long as the topic is not made again. A key for handlers that must do a thing once.
   */
  readonly id: string;
}

/** Retries in place: the partition waits, others flow. */
export interface InPlaceRetry {
  /** Attempts in one topic, the first included. @default 3 */
  readonly maxAttempts?: number | undefined;
  /** The waits between them. @default exponential, 100 ms x 2, at most 1 s */
  readonly strategy?: RetryStrategy | undefined;
}

export type TopicNaming = 'velo' | 'spring-index' | 'spring-delay' | 'spring-single' | 'spring-single-index';

export interface RetryPolicy {
  readonly inPlace?: InPlaceRetry | undefined;
  /** One retry topic for each wait, in this order; each wait 1 ms to 7 days. @default none */
  readonly tiers?: readonly Duration[] | undefined;
  /** Overrides the verdict on a failure; `undefined` leaves it to velo. Must not throw; if it does, it is not heeded. */
  readonly classify?:
    | ((error: unknown, record: KafkaRecord) => 'retry' | 'dead-letter' | undefined)
    | undefined;
  /**
   * Whose header names the copies in tiers carry; both are read. `spring`'s values are binary: a client that cannot
   * carry them is refused. @default 'velo'
   */
  readonly headers?: TierHeaders | undefined;
  /**
   * Whose names velo's own topics have. Spring's are `<topic>-retry-0` by index or `<topic>-retry-5000` by delay in ms,
   * and `<topic>-dlt`, one topic for each wait (Spring's `MULTIPLE_TOPICS`). `spring-single` and `spring-single-index` are
   * its default, `SINGLE_TOPIC`: equal waits at the end share one topic, `<topic>-retry` where there is no other, and the
   * attempts in its headers tell how often a record has been there. Spring's names do not hold the group, so groups of
   * the same topic share them: each velo group passes over the copies of other groups, but another Spring application
   * would handle yours. @default 'velo'
   */
  readonly naming?: TopicNaming | undefined;
  /**
   * The order of each key survives the tiers: while a record of a key waits there, those of that key that come after it join
   * it untried, go on with it to the next tier, and are handled in their order when it has succeeded or was given up; there
   * each has its own attempts, wait and further tiers, as if it had come from the source.
   * Needs `tiers`, velo's headers and naming, and a source and its tiers that have equally many partitions, of which
   * those of one number are assigned to the same member. @default false
   */
  readonly keepKeyOrder?: boolean | undefined;
  /** Copies carry the error's stack, at most 4,000 bytes of it, where the profile has a header for it. @default false */
  readonly stackTraces?: boolean | undefined;
}

/** What happens to a record whose attempts are used up, or that can never pass. */
export type ExhaustedPolicy =
  | {
      readonly action: 'dead-letter';
      /** Where dead letters go. @default `<topic>-<group>-dlt` */
      readonly topic?: string | undefined;
      /**
       * Whose header names dead letters carry. `spring`: those of a plain `DeadLetterPublishingRecoverer`, or, under one of
       * Spring's `retry.naming`, those of its retry topics, as their `@DltHandler` expects. @default `retry.headers`
       */
      readonly headers?: DeadLetterHeaders | undefined;
      /**
       * Sends some dead letters elsewhere. A function must not throw and not name a topic that this consumer reads; if it
       * does, an event (`misrouted`) says so and `topic` takes the record. A topic that refuses the copy for good leaves
       * it to `topic`, too. @default all to `topic`
       */
      readonly route?: DeadLetterRoute | undefined;
      /**
       * How long velo's own topics of dead letters keep them: 1 hour at the least, 10 years at the most. Of a topic for several
       * sources the longest counts. A topic that is there already is left as it is, and told where it keeps less; one made with
       * `retention.ms` in `topology.configs` keeps that. @default 30 days
       */
      readonly retention?: Duration | undefined;
      /** What a function may name: made at the start, as a map's topics are; others at their first use. @default none */
      readonly routeTopics?: readonly string[] | undefined;
    }
  /** The record is given up: an event says so, the offset moves on. */
  | { readonly action: 'skip' }
  /** The consumer stops before the record; it is read again at the next start. */
  | { readonly action: 'stop' };

/** What a batch's handler is told beside the messages. */
export interface BatchContext {
  /** In the order of their offsets; the messages stand in the same order. */
  readonly records: readonly KafkaRecord[];
  /** Of each record by itself. */
  readonly contexts: readonly HandlerContext[];
  /** Aborted when the result is no longer wanted. */
  readonly signal: AbortSignal;
  /**
   * This record has failed: it goes on alone, and the others of the batch have nothing to do with it. Before the handler has
   * ended; later it is told in the log and changes nothing, and so is a second failure of one record.
   *
   * @throws {VeloError} `VELO_INVALID_OPTION` for an index that the batch does not have
   */
  fail(index: number, error: unknown): void;
}

/** Records that are handled together, in place of one by one. */
export interface BatchPolicy<T = KafkaRecord> {
  /**
   * Those that fail are named by `context.fail` or a `BatchError`; all others count as handled when it returns. Where it throws
   * something else, it is called again with either half, until those that fail are alone: so an error costs further calls, and the good ones are
   * handled successfully once. What has failed goes on alone: in place, as a batch of one, then through tiers or to the dead letters.
   */
  readonly handler: (messages: readonly T[], context: BatchContext) => unknown;
  /** The most, 1 to 100,000. @default 500 */
  readonly maxRecords?: number | undefined;
  /** The most, of keys, values and headers; a record above it is alone. @default 1 MiB */
  readonly maxBytes?: number | undefined;
  /** How long the first one waits for others, at most 1 minute. @default 0: what is there goes */
  readonly maxWait?: Duration | undefined;
}

/** How many handlers run at once. */
export interface ConcurrencyPolicy {
  /** Of one partition, of a source or of a tier. @default 1 */
  readonly perPartition?: number | undefined;
  /**
   * Of the whole consumer; partitions take turns. An attempt that waits in place counts in neither. Not for a single topic.
   * @default no limit
   */
  readonly perConsumer?: number | undefined;
}

/**
 * Which records of a partition are handled one after the other, in the order of their offsets, while others run beside them:
 * all; those of one key, by its bytes (records without a key are free); or none.
 */
export type HandlingOrder = 'partition' | 'key' | 'none';

/** When too many records of a source are about to be given up: a bad deploy must not empty a topic into the dead letters. */
export interface GuardPolicy {
  /**
   * So many, the one that trips it included, which is held as all after it are: so one less goes at most. 1 to 10,000, counted in
   * each consumer by itself. @default 100
   */
  readonly deadLetters?: number | undefined;
  /** And so large a share of all records that succeed or are given up meanwhile, 0 to 1. @default 0.5 */
  readonly share?: number | undefined;
  /** And in so short a time, at most a day. @default 10 minutes */
  readonly within?: Duration | undefined;
  /**
   * `pause`: nothing of the source and its tiers starts until `resume()`; what is held is tried again then, and all is counted anew.
   * `stop`: the consumer stops before what is held. @default 'pause'
   */
  readonly then?: 'pause' | 'stop' | undefined;
  /**
   * After so long one record alone is tried: all goes on if it succeeds, else the pause begins anew. @default never: `resume()`, or
   * another start
   */
  readonly resumeAfter?: Duration | undefined;
}

/** At most so many attempts of a source and its tiers begin in this consumer; a batch counts its records. */
export interface RatePolicy {
  /** 0.001 to 1,000,000, evenly: no lump each second. */
  readonly perSecond: number;
  /** So many at once after a rest, 1 or more. @default a hundredth of `perSecond`, at least 1 */
  readonly burst?: number | undefined;
}

/** Holds a source while what its handler needs is down. */
export interface BreakerPolicy {
  /** So large a share of the latest attempts fails, and not by the fault of their records, 0.001 to 1. @default 0.5 */
  readonly failureShare?: number | undefined;
  /** So many of the latest attempts, or somewhat more, 1 or more. @default 20 */
  readonly minAttempts?: number | undefined;
  /** What is older counts no more, 10 ms to a day. @default 30 s */
  readonly window?: Duration | undefined;
  /** Until it is tried whether all is well again, and a fifth of that at the most besides, by chance; at most a day. @default 30 s */
  readonly openFor?: Duration | undefined;
  /**
   * Asks the service itself; what it gives back, but for `false`, says that all is well. If it throws, is rejected, or has not ended after
   * `openFor` or 30 s, the source stays held. The signal is aborted then, and at the stop. @default one record alone is tried
   */
  readonly probe?: ((signal: AbortSignal) => unknown) | undefined;
}

/** How many attempts in place a source may make, beside the first ones. Above it a record goes to its next tier; without one it waits. */
export interface RetryBudgetPolicy {
  /** For each attempt that succeeds, 0 to 1,000. @default 0.2 */
  readonly ratio?: number | undefined;
  /** That are always allowed, 0.001 to 1,000,000. @default 10 */
  readonly minPerSecond?: number | undefined;
  /** That can be saved up, and are there at the start, 1 to 1,000,000. @default 100 */
  readonly capacity?: number | undefined;
}

/** What may hold the records of a source, and of its tiers. */
export interface FlowPolicy {
  /** Holds a source of which too many records are about to be dead-lettered or skipped; `false`: none. @default on */
  readonly guard?: false | GuardPolicy | undefined;
  /** @default no limit */
  readonly rate?: RatePolicy | undefined;
  /** A `CircuitBreaker` may be shared with other consumers, and with the code that calls the service. @default none */
  readonly breaker?: BreakerPolicy | CircuitBreaker | undefined;
  /** @default no limit */
  readonly retryBudget?: RetryBudgetPolicy | undefined;
}

/** What can be said for all topics, or for each. */
export interface TopicPolicy<T = KafkaRecord> {
  /**
   * Makes a record a message. A failure is permanent: the same bytes fail again. Of a policy or beside `topics`, as the handler
   * may be; required unless the handler takes a `KafkaRecord`. @default the record itself
   */
  readonly decode?: Decode<T> | undefined;
  /** Awaited only if it returns a thenable. Beside `topics` it is that of all topics which have neither a handler nor a batch. */
  readonly handler?: ((message: T, context: HandlerContext) => unknown) | undefined;
  /**
   * In place of `handler`. A batch holds records of one partition, of a source or a tier. It counts as one handler for
   * `concurrency`; by `order: 'key'` no key is in two batches at once. @default none
   */
  readonly batch?: BatchPolicy<T> | undefined;
  /** How long an attempt may take: then its signal is aborted, and it counts as failed. @default none */
  readonly handlerTimeout?: Duration | undefined;
  /**
   * Handlers at once: a number is that of each partition, 1 to 10,000. A record that waits for its next attempt in place
   * holds back those that come after it by `order`, and no others. @default 1 in each partition, no limit for the consumer
   */
  readonly concurrency?: number | ConcurrencyPolicy | undefined;
  /** What stays in order. @default 'partition'; 'key' where more than one handler of a partition may run */
  readonly order?: HandlingOrder | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** What happens to a record that is given up. @default `{ action: 'dead-letter' }` */
  readonly exhausted?: ExhaustedPolicy | undefined;
  /**
   * What happens when the brokers will never take a copy, neither in its tier nor in the dead-letter topic, nor
   * compressed, nor without the error's texts: too large, against a policy, not authorized (never, or for 5 minutes).
   * `skip` gives the record up, with an event. @default 'stop'
   */
  readonly refused?: 'stop' | 'skip' | undefined;
  /** What may hold the topic's records, of each topic by itself. */
  readonly flow?: FlowPolicy | undefined;
}

/** velo's own topics: tiers and dead letters. */
export interface TopologyPolicy {
  /** `never`: they must be there already. @default 'if-missing' */
  readonly create?: 'if-missing' | 'never' | undefined;
  /** @default the brokers' */
  readonly replicationFactor?: number | undefined;
  /** More topic configurations; they win over velo's own. */
  readonly configs?: Readonly<Record<string, string>> | undefined;
}

/** Handlers of messages other than a `KafkaRecord` need a `decode` that makes them: see `Decoding`. */
export type ConsumerConfig<T = KafkaRecord> = ConsumerSettings<T> & Decoding<T>;

/** All options of a consumer. */
export interface ConsumerSettings<T = KafkaRecord> extends TopicPolicy<T> {
  readonly groupId: string;
  /** A policy for each topic overrides what stands beside it; `topicPolicy` makes one for messages of a type of their own. */
  readonly topics: readonly string[] | Readonly<Record<string, TopicPolicy<T> | OwnTopicPolicy>>;
  /** Where a source topic begins that the group has committed nothing for. @default 'latest' */
  readonly startFrom?: 'earliest' | 'latest' | undefined;
  /** How long `start()` waits for topics that do not exist yet. @default `topic.wait.timeout`, itself 0 */
  readonly waitForTopics?: Duration | undefined;
  readonly topology?: TopologyPolicy | undefined;
  /**
   * How copies leave for tiers and dead letters. `at-least-once`: the offset is committed after the brokers have
   * acknowledged the copy; a crash in between doubles it. `transactional`: both in one Kafka transaction, so that who
   * reads committed records only (the default of most clients, not of Java's) sees each copy exactly once. The handler's
   * effects may double all the same. A client that has no transactions is refused. @default 'at-least-once'
   */
  readonly handOff?: 'at-least-once' | 'transactional' | undefined;
  readonly buffer?: BufferPolicy | undefined;
  /** The longest time between two commits while records flow. @default 250 ms */
  readonly commitInterval?: Duration | undefined;
  /** A handler that runs longer makes the consumer's health `stalled`. @default 5 minutes */
  readonly stallAfter?: Duration | undefined;
  readonly logger?: Logger | undefined;
  /** Passed through to the client's own consumer. */
  readonly client?: object | undefined;
}

/**
 * What is kept in memory before fetching is paused: keys, values, headers, and some 500 bytes a record for the objects
 * around them. One fetch more may come for each partition.
 */
export interface BufferPolicy {
  /** Of a partition. @default 2,000 */
  readonly records?: number | undefined;
  /** Of a partition. @default 8 MiB */
  readonly bytes?: number | undefined;
  /**
   * Of all partitions of the consumer. Each may have as much as is free: one alone half of it, 300 that are full 1/301
   * each. A partition with nothing left fetches in any case. @default 64 MiB
   */
  readonly totalBytes?: number | undefined;
}

/** What a line of the log is about, for programs: `event`, `group`, `topic`, `partition`, `offset`, `error` and the like, as events name them. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** A line of the log. */
export interface LogEntry {
  readonly level: 'info' | 'warn' | 'error';
  /** For people, in one line. */
  readonly message: string;
  readonly fields: LogFields;
}

/** Any of console, pino, winston; `structuredLogger` makes one that gets the fields as well. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** Called in place of the three, where it is there. */
  entry?(entry: LogEntry): void;
}
